// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, channel by channel (Ioffe and Szegedy, 2015): the mean and the
// biased variance of the minibatch's valid rows and all their pixels, or moving averages of them.
// A row of features is one pixel. Sums are taken in slices, then added up in order.

// Pixels of an invocation that writes a value for each: `run` in batch_normalization.ts.
const RUN: u32 = 8u;

override CENTER: bool = true; // beta is there
override SCALE: bool = true;  // gamma is there

struct Params {
  batch: u32,          // B
  rows: u32,           // rows of the batch buffers
  pixels: u32,         // of a row
  channels: u32,       // C
  stride: u32,         // row length, a multiple of 4
  slices: u32,         // S
  gamma: u32,          // where the weights begin in the parameters
  beta: u32,
  movingMean: u32,
  movingVariance: u32,
  momentum: f32,       // share of a moving average that stays
  epsilon: f32,
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

// What all values of a channel share. The mean is taken from the first value, so that a large one takes nothing away from
// the differences: y = ((x - origin) - mean) scale + offset.
struct Channel {
  origin: f32,
  mean: f32,
  inverse: f32,      // 1 / sqrt(variance + epsilon)
  scale: f32,        // gamma / sqrt(variance + epsilon)
  offset: f32,       // beta
  // dx = (g - gradientMean - ((x - origin) - mean) gradientSlope) scale
  gradientMean: f32,
  gradientSlope: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> source: array<f32>;            // x [rows, pixels, C]
@group(0) @binding(3) var<storage, read> gradient: array<f32>;          // g = dL/dy [rows, pixels, C]
@group(0) @binding(4) var<storage, read_write> output: array<f32>;      // y, or dx
@group(0) @binding(5) var<storage, read_write> partials: array<vec2f>;  // [S, C]
@group(0) @binding(6) var<storage, read_write> channels: array<Channel>; // [C]
@group(0) @binding(7) var<storage, read_write> parameters: array<f32>;
@group(0) @binding(8) var<storage, read_write> gradients: array<f32>;   // as the parameters

fn validRows() -> u32 {
  return min(params.batch, state.rowCount - state.step * params.batch);
}

// Where a channel of the n-th pixel lies.
fn placeOf(n: u32, channel: u32) -> u32 {
  return n / params.pixels * params.stride + n % params.pixels * params.channels + channel;
}

// Mean, from the first value of all, and sum of squared deviations from it, of every S-th pixel: two passes, so that
// nothing cancels.
@compute @workgroup_size(64)
fn moments(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.slices * params.channels) { return; }
  let channel = i % params.channels;
  let slice = i / params.channels;
  let origin = source[channel];
  let count = validRows() * params.pixels;
  var sum = 0.0;
  for (var n = slice; n < count; n += params.slices) { sum += source[placeOf(n, channel)] - origin; }
  let mean = sum / f32(max(ownPixels(slice, count), 1u));
  var squares = 0.0;
  for (var n = slice; n < count; n += params.slices) {
    let deviation = source[placeOf(n, channel)] - origin - mean;
    squares += deviation * deviation;
  }
  partials[i] = vec2f(mean, squares);
}

// Pixels of a slice.
fn ownPixels(slice: u32, count: u32) -> u32 {
  return (count + params.slices - 1u - slice) / params.slices;
}

// A channel for each invocation: the statistics of the minibatch, and the moving ones on their way to them.
@compute @workgroup_size(64)
fn statistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x * 64u + lane;
  if (channel >= params.channels) { return; }
  let origin = source[channel];
  let count = validRows() * params.pixels;
  // Slices together (Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983).
  var mean = 0.0;
  for (var slice = 0u; slice < params.slices; slice++) {
    mean += partials[slice * params.channels + channel].x * f32(ownPixels(slice, count));
  }
  mean /= f32(count);
  var squares = 0.0;
  for (var slice = 0u; slice < params.slices; slice++) {
    let own = partials[slice * params.channels + channel];
    let deviation = own.x - mean;
    squares += own.y + deviation * deviation * f32(ownPixels(slice, count));
  }
  let variance = squares / f32(count);
  setChannel(channel, origin, mean, variance);
  moveTo(params.movingMean + channel, origin + mean);
  moveTo(params.movingVariance + channel, variance);
}

fn moveTo(at: u32, value: f32) {
  parameters[at] -= (parameters[at] - value) * (1.0 - params.momentum);
}

// A channel for each invocation: the moving statistics as they are.
@compute @workgroup_size(64)
fn movingStatistics(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x * 64u + lane;
  if (channel >= params.channels) { return; }
  setChannel(channel, parameters[params.movingMean + channel], 0.0, parameters[params.movingVariance + channel]);
}

fn setChannel(channel: u32, origin: f32, mean: f32, variance: f32) {
  let inverse = 1.0 / sqrt(variance + params.epsilon);
  var scale = inverse;
  if (SCALE) { scale *= parameters[params.gamma + channel]; }
  var offset = 0.0;
  if (CENTER) { offset = parameters[params.beta + channel]; }
  channels[channel] = Channel(origin, mean, inverse, scale, offset, 0.0, 0.0);
}

// A channel of some pixels of a row for each invocation.
@compute @workgroup_size(64)
fn normalize(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.z * 65535u + group.y; // rows are laid over y and z
  let i = group.x * 64u + lane;
  let channel = i % params.channels;
  let begin = i / params.channels * RUN;
  if (row >= params.rows || begin >= params.pixels) { return; }
  let own = channels[channel];
  for (var pixel = begin; pixel < min(begin + RUN, params.pixels); pixel++) {
    let at = row * params.stride + pixel * params.channels + channel;
    output[at] = (source[at] - own.origin - own.mean) * own.scale + own.offset;
  }
  padRow(row, i);
}

// Zeros behind the last value of a row, by its first invocation.
fn padRow(row: u32, i: u32) {
  if (i != 0u) { return; }
  for (var k = params.pixels * params.channels; k < params.stride; k++) { output[row * params.stride + k] = 0.0; }
}

// Sums of g and of g times the deviation of x, of every S-th pixel.
@compute @workgroup_size(64)
fn gradientSums(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = linearIndex(group, groups, lane, 64u);
  if (i >= params.slices * params.channels) { return; }
  let channel = i % params.channels;
  let own = channels[channel];
  let count = validRows() * params.pixels;
  var sums = vec2f();
  for (var n = i / params.channels; n < count; n += params.slices) {
    let at = placeOf(n, channel);
    let g = gradient[at];
    sums += vec2f(g, g * (source[at] - own.origin - own.mean));
  }
  partials[i] = sums;
}

// A channel for each invocation: dbeta = sum g, dgamma = sum g (x - mean) / sqrt(variance + epsilon), and what they mean
// for dx through the mean and the variance.
@compute @workgroup_size(64)
fn weightGradients(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let channel = group.x * 64u + lane;
  if (channel >= params.channels) { return; }
  var sums = vec2f();
  for (var slice = 0u; slice < params.slices; slice++) { sums += partials[slice * params.channels + channel]; }
  let inverse = channels[channel].inverse;
  let count = f32(validRows() * params.pixels);
  channels[channel].gradientMean = sums.x / count;
  channels[channel].gradientSlope = sums.y * inverse * inverse / count;
  if (CENTER) { gradients[params.beta + channel] = sums.x; }
  if (SCALE) { gradients[params.gamma + channel] = sums.y * inverse; }
}

// dx; zero for rows beyond the valid ones.
@compute @workgroup_size(64)
fn inputGradient(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.z * 65535u + group.y;
  let i = group.x * 64u + lane;
  let channel = i % params.channels;
  let begin = i / params.channels * RUN;
  if (row >= params.rows || begin >= params.pixels) { return; }
  let own = channels[channel];
  let isValid = row < validRows();
  for (var pixel = begin; pixel < min(begin + RUN, params.pixels); pixel++) {
    let at = row * params.stride + pixel * params.channels + channel;
    let deviation = source[at] - own.origin - own.mean;
    output[at] = select(0.0, (gradient[at] - own.gradientMean - deviation * own.gradientSlope) * own.scale, isValid);
  }
  padRow(row, i);
}
