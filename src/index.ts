/**
 * quasi-svm: kernel machines from random Fourier features, trained on WebGPU.
 */
export type { LabelWeights } from "./data/class_weights.ts";
export { gunzip, parseIdxImages, parseIdxLabels } from "./data/idx.ts";
export type { Matrix, MatrixLike, Tensor } from "./data/matrix.ts";
export type { TargetsLike } from "./data/targets.ts";
export { ConfigError, DataError, DeviceError, DivergenceError, FormatError, QuasiSvmError } from "./errors.ts";
export { type AdapterDescription, type Gpu, type GpuMemory, releaseGpu, requestGpu } from "./gpu/device.ts";
export type { KernelTime } from "./gpu/profile.ts";
export type { Dataset, DatasetBlock, DatasetBlocks } from "./model/dataset.ts";
export type { Gamma, KernelName } from "./model/estimators/bandwidth.ts";
export type { ClassWeight } from "./model/estimators/class_weight.ts";
export type { Classifier, ClassifierOptions, ClassScores, PartialFitOptions } from "./model/estimators/classifier.ts";
export type { Estimator } from "./model/estimators/estimator.ts";
export type { Standardize } from "./model/estimators/input_scaling.ts";
export type { Label, Labels } from "./model/estimators/labels.ts";
export type { DeviceOptions, EstimatorOptions, FitEstimatorOptions } from "./model/estimators/options.ts";
export { expectedCalibrationError, logLoss, type Probabilities } from "./model/estimators/probability_scores.ts";
export { QuasiLogisticRegression } from "./model/estimators/quasi_logistic_regression.ts";
export { QuasiRidge, type QuasiRidgeOptions } from "./model/estimators/quasi_ridge.ts";
export { QuasiSVC, type QuasiSVCOptions } from "./model/estimators/quasi_svc.ts";
export { QuasiSVR, type QuasiSVROptions } from "./model/estimators/quasi_svr.ts";
export type { ReportedEvaluation } from "./model/evaluation.ts";
export type { ModelMetadata } from "./model/metadata.ts";
export type {
  BatchOptions,
  CompileOptions,
  EvaluateOptions,
  FitDatasetOptions,
  FitOptions,
  LoadOptions,
  SaveOptions,
  SequentialOptions,
  TrainingOptions,
  Weights,
} from "./model/options.ts";
export { type ScaleSearch, searchScale } from "./model/search.ts";
export type { ScaleTrial, SearchScaleOptions } from "./model/search_options.ts";
export { Sequential } from "./model/sequential.ts";
export type { GivenWeights } from "./model/weights.ts";
export type { ActivationName } from "./nn/activation_stage.ts";
export { type ClassificationReport, classificationReport } from "./nn/classification_report.ts";
export type { Initializer, InitializerName } from "./nn/initializers.ts";
export type { ProductVariant, Tile } from "./nn/kernels/product.ts";
export type { ConfigValue, Layer } from "./nn/layer.ts";
export type { ActivationOptions } from "./nn/layers/activation.ts";
export { layers } from "./nn/layers/all.ts";
export type { BatchNormalizationOptions } from "./nn/layers/batch_normalization.ts";
export type { Conv2DOptions } from "./nn/layers/conv2d.ts";
export type { DenseOptions } from "./nn/layers/dense.ts";
export type { DropoutOptions } from "./nn/layers/dropout.ts";
export type { FlattenOptions } from "./nn/layers/flatten.ts";
export type { InputOptions } from "./nn/layers/input.ts";
export type { Pooling2DOptions } from "./nn/layers/pooling2d.ts";
export type { FeatureMapName, RandomFourierFeaturesOptions } from "./nn/layers/random_fourier_features.ts";
export type { ReshapeOptions } from "./nn/layers/reshape.ts";
export {
  type CrossentropyOptions,
  isRegression,
  type Loss,
  type LossConfig,
  type LossName,
  losses,
  lossNames,
  lossOf,
  type SavedLoss,
  savedLoss,
} from "./nn/losses.ts";
export { type Metric, type MetricOptions, metrics } from "./nn/metrics.ts";
export {
  type AdamOptions,
  type Average,
  type Clip,
  type Optimizer,
  type OptimizerName,
  type OptimizerOptions,
  optimizers,
  type SgdOptions,
} from "./nn/optimizers.ts";
export { type Regularizer, regularizers } from "./nn/regularizers.ts";
export {
  type CosineDecayOptions,
  type ExponentialDecayOptions,
  type LearningRate,
  type PiecewiseConstantDecayOptions,
  type Schedule,
  schedules,
} from "./nn/schedules.ts";
export type { Shape } from "./nn/shape.ts";
export { materializeProjection, type SorfWeights } from "./nn/sorf.ts";
export { type Tuned, type TuneMode, type Tuning, type TuningStore, tune } from "./nn/tuning.ts";
export type { Padding } from "./nn/windows.ts";
export type { RandomStream, Seed } from "./random.ts";
export * as callbacks from "./train/callbacks/all.ts";
export type { CsvLoggerOptions } from "./train/callbacks/csv_logger.ts";
export type { EarlyStoppingOptions } from "./train/callbacks/early_stopping.ts";
export type { ModelCheckpointOptions } from "./train/callbacks/model_checkpoint.ts";
export type { Mode } from "./train/callbacks/monitor.ts";
export type { ReduceLrOnPlateauOptions } from "./train/callbacks/reduce_lr_on_plateau.ts";
export type { Callbacks, Logs, Training } from "./train/callbacks.ts";
export type { Evaluation } from "./train/evaluate.ts";
export type { History } from "./train/history.ts";
export type { Predictions } from "./train/predict.ts";
export type { Verbosity } from "./train/progress.ts";
