import type { ComponentChildren } from "preact";

/** What came of something, in a place that is there before. */
export function Said(props: { words: string; failure: string; children?: ComponentChildren }) {
  return (
    <div class="said">
      <span role="status">{props.words}</span>
      {props.failure && <span role="alert">{props.failure}</span>} {props.children}
    </div>
  );
}
