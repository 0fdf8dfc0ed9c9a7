// The address bar says which view is shown and which settings differ from the defaults: #look?outputDim=512.
import { effect } from "@preact/signals";
import { fromQuery, toQuery } from "./settings.ts";
import { progress, settings } from "./training.ts";

/** On entries of the browser's history that were written here; what a hand typed has none. */
const written = "settings";

/** Lets the address bar follow the settings, without an entry in the history for each, and the settings what is typed. */
export function tieSettingsToAddress(): void {
  let waiting: ReturnType<typeof setTimeout>;
  effect(() => {
    const query = toQuery(settings.value);
    clearTimeout(waiting);
    waiting = setTimeout(write, 200, query); // browsers refuse more than some calls a second
  });
  addEventListener("hashchange", () => {
    const query = queryOf(location.hash);
    // Going back shows another view; what was set since then stays set. So does what a training was told.
    const stay = query === undefined || history.state === written || progress.value !== undefined;
    if (stay) write(toQuery(settings.value));
    else settings.value = fromQuery(query);
  });
}

/** A link to the page with these settings, whatever view it is copied from. */
export function linkTo(query: string): string {
  return new URL(hashWith("train", query), location.href).href;
}

function write(query: string): void {
  const view = location.hash.slice(1).split("?")[0] as string;
  const hash = view || query ? hashWith(view || "train", query) : "";
  history.replaceState(written, "", `${location.pathname}${location.search}${hash}`);
}

function queryOf(hash: string): string | undefined {
  return hash.split("?")[1];
}

function hashWith(view: string, query: string): string {
  return query ? `#${view}?${query}` : `#${view}`;
}
