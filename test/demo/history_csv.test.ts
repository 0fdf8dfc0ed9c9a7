import { expect, test } from "vitest";
import { historyCsv } from "../../demo/views/take_away/history_csv.ts";

test("a row for each epoch, from 1, with all digits; what an epoch lacks is empty", () => {
  const csv = historyCsv([
    { loss: 0.1 + 0.2, acc: 0.5 },
    { loss: 1e-7, acc: 1, val_loss: 2.5, val_acc: 0.75 },
  ]);
  expect(csv).toBe("epoch,loss,acc,val_loss,val_acc\n1,0.30000000000000004,0.5,,\n2,1e-7,1,2.5,0.75");
});

test("no epochs are a heading", () => {
  expect(historyCsv([])).toBe("epoch");
});
