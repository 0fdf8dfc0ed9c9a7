import "../style/train.css";
import { TakeAway } from "./take_away.tsx";
import { Controls } from "./train/controls.tsx";
import { Curves } from "./train/curves.tsx";
import { EpochTable } from "./train/epoch_table.tsx";
import { Figures } from "./train/figures.tsx";
import { SettingsForm } from "./train/settings_form.tsx";

/** The example on MNIST: trained by one press, told what to do, followed. */
export function TrainView() {
  return (
    <div class="train">
      <p class="intro">
        Random Fourier features and a linear classifier with a hinge loss: a support vector machine for 60,000
        handwritten digits, trained here, in this tab.
      </p>
      <Controls />
      <Figures />
      <Curves />
      <SettingsForm />
      <EpochTable />
      <TakeAway />
    </div>
  );
}
