import { render } from "preact";
import { App } from "./app.tsx";
import { start } from "./engine.ts";

const place = document.getElementById("app") as HTMLElement;
place.replaceChildren(); // the words for a page that can't run
render(<App />, place);
void start();
