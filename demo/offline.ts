/**
 * Lets a service worker keep the page's files, so that it opens without a network the next time, wherever such workers
 * are allowed: on https and on localhost, in a built page.
 * @returns whether it does.
 */
export async function keepOffline(): Promise<boolean> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("./service_worker.js");
    await navigator.serviceWorker.ready;
    // The first time it takes the page over once it is active; files that are asked for from then on are kept.
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
      );
    }
    return true;
  } catch {
    return false; // refused, as in some private windows; the page works all the same
  }
}
