import { useRef } from "preact/hooks";
import { linkTo } from "../../link.ts";
import { toQuery } from "../../settings.ts";
import { settings } from "../../training.ts";
import { CopyButton } from "../../ui/copy_button.tsx";

/** A link that opens the page with the same settings. */
export function Link() {
  const field = useRef<HTMLInputElement>(null);
  return (
    <section class="panel" aria-labelledby="link-title">
      <h3 id="link-title">A link with the settings</h3>
      <p class="quiet">It carries what differs from the published example, and no data.</p>
      <label>
        Link
        <input ref={field} type="url" readOnly value={linkTo(toQuery(settings.value))} />
      </label>
      <CopyButton source={field}>Copy the link</CopyButton>
    </section>
  );
}
