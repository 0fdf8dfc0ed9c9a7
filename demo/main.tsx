import { render } from "preact";
import { App } from "./app.tsx";
import { start } from "./engine.ts";
import { tieSettingsToAddress } from "./link.ts";

// A file that is dropped beside its place would take the page's.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());

tieSettingsToAddress();
const place = document.getElementById("app") as HTMLElement;
place.replaceChildren(); // what it says where this script can't be loaded
render(<App />, place);
void start();
