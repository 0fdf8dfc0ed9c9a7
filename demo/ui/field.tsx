// Labelled inputs of a form.
import { signal } from "@preact/signals";
import { useId } from "preact/hooks";
import "../style/field.css";

interface FieldProps<T> {
  readonly label: string;
  readonly value: T;
  readonly disabled?: boolean;
  /** Called with values that can be taken. */
  onValue(value: T): void;
}

interface NumberFieldProps extends FieldProps<number> {
  readonly min: number;
  readonly max: number;
  /** "any" takes fractions. Default whole numbers. */
  readonly step?: "any";
  /** Called with the value when the field is left or Enter is pressed: not with what "1e-4" begins with. */
  onSettled?: ((value: number) => void) | undefined;
}

/** What was typed in place of a value, by label, where it can't be taken. */
const refused = signal<ReadonlyMap<string, { readonly text: string; readonly inPlaceOf: number }>>(new Map());

/** Whether some field that is shown holds what can't be taken. */
export function somethingRefused(fields: Readonly<Record<string, number>>): boolean {
  return Object.entries(fields).some(([label, value]) => refused.value.get(label)?.inPlaceOf === value);
}

/** A number between bounds. What can't be taken stays in the field, with the reason, and the value as it was. */
export function NumberField({ label, value, min, max, step, disabled = false, onValue, onSettled }: NumberFieldProps) {
  const id = useId();
  const draft = refused.value.get(label);
  const isRefused = draft?.inPlaceOf === value; // not where the value was changed elsewhere
  const take = (text: string) => {
    const typed = Number(text);
    const fits = text.trim() !== "" && typed >= min && typed <= max && (step === "any" || Number.isInteger(typed));
    const others = [...refused.value].filter(([name]) => name !== label);
    refused.value = new Map(fits ? others : [...others, [label, { text, inPlaceOf: value }]]);
    if (fits) onValue(typed);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        {...{ min, max, disabled }}
        step={step ?? 1}
        value={isRefused ? draft.text : value}
        aria-invalid={isRefused}
        aria-describedby={`${id}-reason`}
        onInput={({ currentTarget }) => take(currentTarget.value)}
        onChange={() => onSettled?.(value)}
      />
      <span id={`${id}-reason`} class="reason">
        {isRefused && `${min} to ${max}${step === "any" ? "" : ", whole"}`}
      </span>
    </div>
  );
}

/** One of some words. */
export function ChoiceField<T extends string>({
  label,
  value,
  choices,
  disabled = false,
  onValue,
  note = "",
}: FieldProps<T> & { readonly choices: readonly T[]; readonly note?: string }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        aria-describedby={`${id}-note`}
        onChange={({ currentTarget }) => onValue(currentTarget.value as T)}
      >
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice.replaceAll("_", " ")}
          </option>
        ))}
      </select>
      <span id={`${id}-note`} class="reason">
        {note}
      </span>
    </div>
  );
}
