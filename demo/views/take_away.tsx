import "../style/take_away.css";
import { Code } from "./take_away/code.tsx";
import { History } from "./take_away/history.tsx";
import { Kept } from "./take_away/kept.tsx";
import { Link } from "./take_away/link.tsx";
import { ModelFile } from "./take_away/model_file.tsx";

/** What can be taken out of the page: the model, its history, its settings, the code. */
export function TakeAway() {
  return (
    <section class="take-away" aria-labelledby="take-away-title">
      <h2 id="take-away-title">Take it away</h2>
      <ModelFile />
      <Kept />
      <History />
      <Link />
      <Code />
    </section>
  );
}
