// A headless Chrome with the built page in it, on a network that can be taken away.
import puppeteer, { type Browser, type CDPSession, type Page, type Target } from "puppeteer";
import { chromeFlags, findChrome } from "../../src/cli/chrome.ts";
import { Downloads } from "./downloads.ts";
import { type Site, serveSite } from "./site.ts";
import { Witness } from "./witness.ts";

/** Wide enough for two columns. */
export const desktop = { width: 1280, height: 900 };
export const phone = { width: 390, height: 844 };

export class Visit {
  readonly browser: Browser;
  readonly site: Site;
  readonly witness = new Witness();
  /** The tab that the test works in. */
  page!: Page;
  downloads!: Downloads;
  readonly #ready: string;
  #offline = false;

  private constructor(browser: Browser, site: Site, ready: string) {
    this.browser = browser;
    this.site = site;
    this.#ready = ready;
  }

  /**
   * Opens the page and waits until it is ready.
   * @param hash its view and settings.
   * @param flags of Chrome; those that give it WebGPU by default.
   * @param ready what its status says then.
   */
  static async begin(hash = "", { flags = chromeFlags(), ready = "Ready." } = {}): Promise<Visit> {
    const site = await serveSite();
    const browser = await puppeteer.launch({
      executablePath: await findChrome(),
      args: flags,
      defaultViewport: desktop,
    });
    const visit = new Visit(browser, site, ready);
    browser.on("targetcreated", (target) => void visit.#attend(target));
    visit.downloads = await Downloads.begin(browser);
    visit.page = await visit.open(hash);
    return visit;
  }

  /** A further tab, or the first. */
  async open(hash: string): Promise<Page> {
    const page = await this.browser.newPage();
    await this.witness.attend(page, this.#ready);
    if (this.#offline) await page.setOfflineMode(true);
    await this.witness.untilReady(page, () => page.goto(this.site.url + hash));
    return page;
  }

  async reload(): Promise<void> {
    await this.witness.untilReady(this.page, () => this.page.reload());
  }

  /** Takes the network away, for good: the server is gone, and page and service worker are told that they are offline. */
  async goOffline(): Promise<void> {
    this.#offline = true;
    await this.site.close();
    for (const page of await this.browser.pages()) await page.setOfflineMode(true);
    for (const target of this.browser.targets()) {
      if (target.type() === "service_worker") await takeOffline(await target.createCDPSession());
    }
  }

  async end(): Promise<void> {
    await this.browser.close();
    await this.site.close();
    await this.downloads.end();
  }

  async #attend(target: Target): Promise<void> {
    if (target.type() !== "service_worker") return;
    await this.witness.attendServiceWorker(target);
    if (this.#offline) await takeOffline(await target.createCDPSession());
  }
}

/** Workers have no such switch; what they ask for goes through the service worker, which has one. */
async function takeOffline(session: CDPSession): Promise<void> {
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: true,
    latency: 0,
    downloadThroughput: 0,
    uploadThroughput: 0,
  });
}
