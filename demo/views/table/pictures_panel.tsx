import { counted } from "../../ui/numbers.ts";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import type { PicturesInfo } from "../../worker/table/messages.ts";
import type { PictureForm } from "../../worker/table/pictures.ts";
import { Picture } from "./picture.tsx";
import { activity, changeForm } from "./state.ts";

const forms: readonly { readonly name: string; readonly form: PictureForm }[] = [
  { name: "28 x 28, grey", form: { side: 28, channels: 1 } },
  { name: "32 x 32, grey", form: { side: 32, channels: 1 } },
  { name: "32 x 32, in colour", form: { side: 32, channels: 3 } },
];

/** What the folders hold. */
export function PicturesPanel({ info }: { info: PicturesInfo }) {
  const { name, form, classes, unreadable, samples } = info;
  const count = classes.reduce((sum, each) => sum + each.count, 0);
  return (
    <section class="panel" aria-label="The pictures">
      <h2>{name}</h2>
      <p>
        {counted(count, "picture")} in {counted(classes.length, "folder")}, each a class.
        {unreadable.length > 0 && ` Left out as no pictures: ${fewOf(unreadable)}.`}
      </p>
      <div class="table-fields">
        <label>
          Pictures become
          <select
            value={forms.findIndex((each) => each.form.side === form.side && each.form.channels === form.channels)}
            disabled={activity.value !== undefined}
            onChange={({ currentTarget }) => changeForm(forms[Number(currentTarget.value)]!.form)}
          >
            {forms.map((each, i) => (
              <option key={each.name} value={i}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ScrollBox label="Classes">
        <table class="table-columns">
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col">Pictures</th>
              <th scope="col">The first as the model sees them</th>
            </tr>
          </thead>
          <tbody>
            {classes.map((each) => (
              <tr key={each.name}>
                <th scope="row">{each.name}</th>
                <td>{each.count}</td>
                <td class="table-samples">
                  {samples
                    .filter(({ label }) => label === each.name)
                    .map(({ label, pixels }, i) => (
                      <Picture key={i} form={form} pixels={pixels} label={`A picture of ${label}`} />
                    ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}

function fewOf(names: readonly string[]): string {
  return names.length > 3
    ? `${names.slice(0, 3).join(", ")} and ${counted(names.length - 3, "other")}`
    : names.join(", ");
}
