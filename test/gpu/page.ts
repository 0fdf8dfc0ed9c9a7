// A page of the repository in a headless Chrome.
import puppeteer, { type Page } from "puppeteer";
import { chromeFlags, findChrome } from "../../src/cli/chrome.ts";
import { serveFiles } from "./server.ts";

/** Opens a page of the repository by its path and closes everything afterwards; what it says, and what it asks of others, are complaints. */
export async function withPage(path: string, use: (page: Page, complaints: string[]) => Promise<void>): Promise<void> {
  const server = await serveFiles();
  const browser = await puppeteer.launch({ executablePath: await findChrome(), args: chromeFlags() });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url())) complaints.push(request.url());
    });
    await page.goto(`${server.url}/${path}`);
    await use(page, complaints);
  } finally {
    await browser.close();
    server.close();
  }
}
