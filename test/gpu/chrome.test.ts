import puppeteer from "puppeteer";
import { chromeFlags, findChrome } from "../../src/cli/chrome.ts";
import { bundle } from "../build.ts";
import { runCasesIn } from "./runtimes.ts";
import { serveFiles } from "./server.ts";

runCasesIn("Chrome", async (filter, onLine) => {
  const script = await bundle("test/gpu/main.ts", "chrome", "chrome");
  const server = await serveFiles({ "/": `<!doctype html><script type="module" src="/${script}"></script>` });
  const browser = await puppeteer.launch({ executablePath: await findChrome(), args: chromeFlags() });
  const words: string[] = [];
  const ended = new Promise<string>((resolve) => {
    const end = (reason: string) => resolve(`${reason}; its last words:\n${words.slice(-30).join("\n") || "none"}`);
    browser.on("disconnected", () => end("the browser was closed or crashed"));
    browser.on("targetcreated", async (target) => {
      const page = await target.page();
      page?.on("console", (message) => words.push(message.text()));
      page?.on("error", (error) => end(error.message));
      page?.on("pageerror", (error) => end((error as Error).message));
    });
  });
  const page = await browser.newPage();
  await page.exposeFunction("report", onLine);
  await page.goto(`${server.url}/?${new URLSearchParams({ filter })}`);
  const about = await browser.version();
  const finish = async () => {
    await browser.close();
    server.close();
  };
  return { about, ended, finish, stop: () => void browser.close() };
});
