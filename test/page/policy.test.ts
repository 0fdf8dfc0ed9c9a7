// The policy that keeps what the page works on in the page.
import { expect, test } from "vitest";
import { Visit } from "./browser.ts";
import { serveSite } from "./site.ts";

test("neither the page nor its worker can ask another server", async () => {
  const visit = await Visit.begin();
  const other = await serveSite();
  try {
    const { page, witness } = visit;
    const ask = (url: string) => fetch(url, { mode: "no-cors" }).then(String, String);
    for (const place of [page, page.workers()[0]!]) {
      expect(await place.evaluate(ask, other.url)).toMatch(/^TypeError/);
      expect(witness.complaints.splice(0).join()).toMatch(/violates the following Content Security Policy directive/);
    }
    expect(other.asked).toEqual([]);
  } finally {
    await visit.end();
    await other.close();
  }
});
