import { render } from "preact";
import { App } from "./app.tsx";
import { start } from "./engine.ts";

render(<App />, document.getElementById("app") as HTMLElement);
void start();
