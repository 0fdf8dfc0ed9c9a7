import "../style/scroll_box.css";
import type { ComponentChildren } from "preact";

/** What may be wider than the page, in a box that is scrolled sideways, by the keyboard too. */
export function ScrollBox({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys scroll only what has the focus.
    <section class="scroll-box" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
