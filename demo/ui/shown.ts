import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Whether some of an element is in sight: false while its view is hidden, so that nothing is computed for nobody. */
export function useShown(element: RefObject<HTMLElement | null>): ReadonlySignal<boolean> {
  const shown = useSignal(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => {
      shown.value = entries.at(-1)?.isIntersecting === true;
    });
    observer.observe(element.current as HTMLElement);
    return () => observer.disconnect();
  }, [element, shown]);
  return shown;
}
