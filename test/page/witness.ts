// What a page, its workers and its service worker say and ask for, heard over Chrome's own protocol.
import type { CDPSession, Page, Protocol, Target } from "puppeteer";

type Who = "page" | "worker" | "service worker";

interface Request {
  /** Milliseconds since 1970, as Date.now() in the page. */
  readonly time: number;
  readonly who: Who;
  readonly url: string;
}

/** From the moment a page is opened to the moment it says that it is ready. */
interface Load {
  readonly from: number;
  until: number;
}

export class Witness {
  /** Warnings, errors and exceptions. */
  readonly complaints: string[] = [];
  #requests: Request[] = [];
  readonly #loads: Load[] = [];

  /** To be called before anything is opened in the page. @param ready what a status says then, at its beginning. */
  async attend(page: Page, ready: string): Promise<void> {
    page.on("workercreated", (worker) => void this.#hear("worker", worker.client));
    await page.evaluateOnNewDocument(noteReadiness, ready);
    await this.#hear("page", await page.createCDPSession());
  }

  async attendServiceWorker(target: Target): Promise<void> {
    await this.#hear("service worker", await target.createCDPSession());
  }

  /** Waits until a page that is being opened says that it is ready. @param open what opens it. */
  async untilReady(page: Page, open: () => Promise<unknown>): Promise<void> {
    const load = { from: Date.now(), until: Number.POSITIVE_INFINITY };
    this.#loads.push(load);
    await open();
    const ready = await page.waitForFunction("globalThis.readyAt", { timeout: 10_000 }).catch(async (error: Error) => {
      const says = await page.$eval("body", (body) => body.innerText);
      throw new Error([error.message, "The page says:", says, ...this.complaints].join("\n"));
    });
    load.until = (await ready.jsonValue()) as number;
  }

  /** When the first page said that it was ready. */
  get readyAt(): number {
    return this.#loads[0]?.until ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Requests since this was last asked that should not have been: any from `readyAt` on, by whomever. Pages that are
   * opened again may ask for the site's files, which the service worker has; that these don't reach the network is for
   * the site's log to say. What is made in the page itself (blob: and data:) is no request.
   */
  uncalledFor(site: string): string[] {
    const [, ...later] = this.#loads;
    const mayAsk = ({ time, url }: Request) =>
      url.startsWith(site) && later.some(({ from, until }) => time >= from && time < until);
    const requests = this.#requests;
    this.#requests = [];
    return requests
      .filter((request) => request.time >= this.readyAt && !/^(blob|data):/.test(request.url) && !mayAsk(request))
      .map(({ who, url, time }) => `${who} asked for ${url} ${Math.round(time - this.readyAt)} ms after it was ready`);
  }

  async #hear(who: Who, session: CDPSession): Promise<void> {
    const complain = (text: string) => void this.complaints.push(`${who}: ${text}`);
    session.on("Runtime.consoleAPICalled", ({ type, args }) => {
      if (type === "warning" || type === "error" || type === "assert") complain(args.map(words).join(" "));
    });
    session.on("Runtime.exceptionThrown", ({ exceptionDetails }) => {
      complain(exceptionDetails.exception?.description ?? exceptionDetails.text);
    });
    session.on("Log.entryAdded", ({ entry }) => {
      // A worker's console is repeated in its page's log.
      if (entry.source !== "worker" && /warning|error/.test(entry.level)) complain(`${entry.text} ${entry.url ?? ""}`);
    });
    session.on("Network.requestWillBeSent", ({ wallTime, request: { url } }) => {
      this.#requests.push({ time: wallTime * 1000, who, url });
    });
    await Promise.all([session.send("Runtime.enable"), session.send("Network.enable"), enableLog(session)]);
  }
}

/** Dedicated workers have no log of their own. */
async function enableLog(session: CDPSession): Promise<void> {
  await session.send("Log.enable").catch(() => {});
}

function words({ value, description, unserializableValue }: Protocol.Runtime.RemoteObject): string {
  return String(value ?? description ?? unserializableValue);
}

/** Runs in the page: keeps the moment at which a status says that it is ready. */
function noteReadiness(ready: string): void {
  const observer = new MutationObserver(() => {
    const states = [...document.querySelectorAll("[role=status]")];
    if (!states.some(({ textContent }) => textContent?.startsWith(ready))) return;
    Object.assign(globalThis, { readyAt: Date.now() });
    observer.disconnect();
  });
  observer.observe(document, { childList: true, characterData: true, subtree: true });
}
