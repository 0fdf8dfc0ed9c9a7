import "../style/take_away.css";
import { Code } from "./take_away/code.tsx";
import { Files } from "./take_away/files.tsx";
import { Kept } from "./take_away/kept.tsx";
import { Link } from "./take_away/link.tsx";
import { Privacy } from "./take_away/privacy.tsx";

/** What can be taken out of the page: the model, its history, its settings, the code. */
export function TakeAway() {
  return (
    <section class="take-away" aria-labelledby="take-away-title">
      <h2 id="take-away-title">Take it away</h2>
      <Files />
      <div class="stack">
        <Link />
        <Privacy />
      </div>
      <Kept />
      <Code />
    </section>
  );
}
