/** A server that hangs must not keep the page from being ready. */
const patienceMilliseconds = 10_000;

/**
 * Lets a service worker keep the page's files, so that it opens without a network the next time, wherever such workers
 * are allowed: on https and on localhost, in a built page.
 * @returns whether they are kept now.
 */
export async function keepOffline(): Promise<boolean> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return false;
  try {
    const { active, installing, waiting } = await navigator.serviceWorker.register("./service_worker.js", {
      updateViaCache: "all", // else the browser asks for the script again a second after the page is ready
    });
    if (active) return true;
    const patience = new Promise<false>((resolve) => setTimeout(resolve, patienceMilliseconds, false));
    return await Promise.race([settled((installing ?? waiting) as ServiceWorker), patience]);
  } catch {
    return false; // refused, as in some private windows; the page works all the same
  }
}

/** Whether a worker keeps the files, once it has tried. */
function settled(worker: ServiceWorker): Promise<boolean> {
  return new Promise((resolve) => {
    const look = () => {
      if (worker.state === "activated") resolve(true);
      if (worker.state === "redundant") resolve(false); // a file could not be had, or there is no room
    };
    worker.addEventListener("statechange", look);
    look();
  });
}
