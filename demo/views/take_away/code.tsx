import { useRef } from "preact/hooks";
import { settings } from "../../training.ts";
import { CopyButton } from "../../ui/copy_button.tsx";
import { ScrollBox } from "../../ui/scroll_box.tsx";
import { kerasCode, typescriptCode } from "./snippets.ts";

/** The code that does the same elsewhere; it follows the settings. */
export function Code() {
  return (
    <>
      <Snippet language="TypeScript" title="The same in TypeScript" code={typescriptCode(settings.value)} />
      <Snippet language="Python" title="The same in Keras" code={kerasCode(settings.value)} />
    </>
  );
}

function Snippet({ language, title, code }: { language: string; title: string; code: string }) {
  const text = useRef<HTMLPreElement>(null);
  return (
    <section class="panel snippet" aria-label={title}>
      <div class="row">
        <h3>{title}</h3>
        <CopyButton source={text}>Copy the {language}</CopyButton>
      </div>
      <ScrollBox label={`${language} code`}>
        <pre ref={text}>{code}</pre>
      </ScrollBox>
    </section>
  );
}
