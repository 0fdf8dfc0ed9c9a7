// Files that the page hands over.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, CDPSession } from "puppeteer";

export interface Download {
  readonly name: string;
  readonly path: string;
  text(): Promise<string>;
}

export class Downloads {
  readonly #session: CDPSession;
  readonly #folder: string;

  private constructor(session: CDPSession, folder: string) {
    this.#session = session;
    this.#folder = folder;
  }

  /** Lets the browser's downloads go to a folder that `end` removes. */
  static async begin(browser: Browser): Promise<Downloads> {
    const folder = await mkdtemp(join(tmpdir(), "quasi-svm-downloads-"));
    const session = await browser.target().createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder, eventsEnabled: true });
    return new Downloads(session, folder);
  }

  /** The file that comes of what `act` does. */
  async of(act: () => Promise<unknown>): Promise<Download> {
    const name = new Promise<string>((resolve) =>
      this.#session.once("Browser.downloadWillBegin", ({ suggestedFilename }) => resolve(suggestedFilename)),
    );
    const ended = new Promise<void>((resolve, reject) => {
      const hear = ({ state }: { state: string }) => {
        if (state === "inProgress") return;
        this.#session.off("Browser.downloadProgress", hear);
        if (state === "completed") resolve();
        else reject(new Error("The download was canceled."));
      };
      this.#session.on("Browser.downloadProgress", hear);
    });
    await act();
    await ended;
    const path = join(this.#folder, await name);
    return { name: await name, path, text: () => readFile(path, "utf8") };
  }

  async end(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
