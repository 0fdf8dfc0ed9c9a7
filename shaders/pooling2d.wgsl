// Pooling of images [height][width][channels] and the way back. An invocation takes four neighbouring values of four
// rows; `loadRow4` and `loadValue` come from rows/*.wgsl.
override QUADS: bool = false;   // channels are a multiple of 4, so that four values are channels of one pixel
override MAXIMUM: bool = false; // the largest of a window; else the mean of its pixels, padding left out

struct Params {
  rows: u32,
  columns4: u32,       // row length of the images / 4
  first: u32,          // where they begin in a buffer of floats, in vec4f
  unit: f32,           // value of one count of a source of bytes
  height: u32,
  width: u32,
  channels: u32,
  pooledColumns4: u32, // row length of the pooled images / 4
  pooledHeight: u32,
  pooledWidth: u32,
  poolY: u32,          // size of a window
  poolX: u32,
  strideY: u32,        // from one window to the next
  strideX: u32,
  padY: u32,           // by how much the first window begins outside
  padX: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;     // forward: y [rows, pooled]; back: dx
@group(0) @binding(2) var<storage, read> pooled: array<vec4f>;           // y
@group(0) @binding(3) var<storage, read> pooledGradient: array<vec4f>;   // dy

// Rows [top, bottom) and columns [left, right) of pixels, or of windows; one channel or four from `channel` on.
struct Range {
  top: u32,
  bottom: u32,
  left: u32,
  right: u32,
  channel: u32,
}

@compute @workgroup_size(64)
fn poolForward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.pooledColumns4) { return; }
  let a = windowOf(column4 * 4u); let b = windowOf(column4 * 4u + 1u);
  let c = windowOf(column4 * 4u + 2u); let d = windowOf(column4 * 4u + 3u);
  let begin = firstRow(group);
  for (var row = begin; row < min(begin + 4u, params.rows); row++) {
    var value = pool(row, a);
    if (!QUADS) { value = vec4f(value.x, pool(row, b).x, pool(row, c).x, pool(row, d).x); }
    output[row * params.pooledColumns4 + column4] = value;
  }
}

@compute @workgroup_size(64)
fn poolBackward(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column4 = group.x * 64u + lane;
  if (column4 >= params.columns4) { return; }
  let e = column4 * 4u;
  let a = windowsAround(e); let b = windowsAround(e + 1u); let c = windowsAround(e + 2u); let d = windowsAround(e + 3u);
  let begin = firstRow(group);
  for (var row = begin; row < min(begin + 4u, params.rows); row++) {
    var value = gradient(row, e, a);
    if (!QUADS) {
      let rest = vec3f(gradient(row, e + 1u, b).x, gradient(row, e + 2u, c).x, gradient(row, e + 3u, d).x);
      value = vec4f(value.x, rest);
    }
    output[row * params.columns4 + column4] = value;
  }
}

// The same where channels are QUADS and no windows overlap: an invocation takes a window and the pixels up to the next
// one, so that it reads each of them once.
@compute @workgroup_size(64)
fn poolBackwardApart(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let e = (group.x * 64u + lane) * 4u;
  let inside = windowOf(e);
  if (inside.top >= inside.bottom) { return; }
  let y = (inside.top + params.padY) / params.strideY;
  let x = (inside.left + params.padX) / params.strideX;
  let bottom = select((y + 1u) * params.strideY - params.padY, params.height, y + 1u == params.pooledHeight);
  let right = select((x + 1u) * params.strideX - params.padX, params.width, x + 1u == params.pooledWidth);
  let share = 1.0 / f32((inside.bottom - inside.top) * (inside.right - inside.left));
  let begin = firstRow(group);
  for (var row = begin; row < min(begin + 4u, params.rows); row++) {
    let i = row * params.pooledColumns4 + e / 4u;
    let dy = pooledGradient[i];
    var waiting = vec4<bool>(true);
    for (var v = inside.top; v < bottom; v++) {
      for (var u = inside.left; u < right; u++) {
        let pixel = indexOf(v, u, inside.channel) / 4u;
        var takes = vec4<bool>(v < inside.bottom && u < inside.right);
        if (MAXIMUM) {
          takes = takes & waiting & (loadRow4(row, pixel) == pooled[i]);
          waiting = waiting & !takes;
        }
        output[row * params.columns4 + pixel] = select(vec4f(), select(dy * share, dy, MAXIMUM), takes);
      }
    }
  }
}

// Rows are laid over y and z, since a dimension has 65,535 workgroups.
fn firstRow(group: vec3u) -> u32 {
  return (group.z * 65535u + group.y) * 4u;
}

// The pixels of the window that makes value e of a pooled image; none beyond its last value.
fn windowOf(e: u32) -> Range {
  let pixel = e / params.channels;
  let y = pixel / params.pooledWidth;
  if (y >= params.pooledHeight) { return Range(); }
  return window(y, pixel - y * params.pooledWidth, e - pixel * params.channels);
}

fn window(y: u32, x: u32, channel: u32) -> Range {
  let top = y * params.strideY;
  let left = x * params.strideX;
  return Range(
    max(top, params.padY) - params.padY, min(top + params.poolY - params.padY, params.height),
    max(left, params.padX) - params.padX, min(left + params.poolX - params.padX, params.width),
    channel,
  );
}

// The windows that value e of an image lies in; none beyond its last value.
fn windowsAround(e: u32) -> Range {
  let pixel = e / params.channels;
  let y = pixel / params.width;
  if (y >= params.height) { return Range(); }
  let bottom = y + params.padY;
  let right = pixel - y * params.width + params.padX;
  return Range(
    firstWindow(bottom, params.poolY, params.strideY), min(bottom / params.strideY + 1u, params.pooledHeight),
    firstWindow(right, params.poolX, params.strideX), min(right / params.strideX + 1u, params.pooledWidth),
    e - pixel * params.channels,
  );
}

// The first window that reaches a place, counted from where the first window begins.
fn firstWindow(place: u32, size: u32, stride: u32) -> u32 {
  return select(0u, (place - size) / stride + 1u, place >= size);
}

fn pool(row: u32, r: Range) -> vec4f {
  if (r.top >= r.bottom) { return vec4f(); }
  var sum = vec4f();
  var largest = at(row, indexOf(r.top, r.left, r.channel));
  for (var y = r.top; y < r.bottom; y++) {
    for (var x = r.left; x < r.right; x++) {
      let value = at(row, indexOf(y, x, r.channel));
      if (MAXIMUM) { largest = select(largest, value, value > largest); } else { sum += value; }
    }
  }
  if (MAXIMUM) { return largest; }
  return sum / f32((r.bottom - r.top) * (r.right - r.left));
}

// dx, gathered from the windows around.
fn gradient(row: u32, e: u32, around: Range) -> vec4f {
  var sum = vec4f();
  for (var y = around.top; y < around.bottom; y++) {
    for (var x = around.left; x < around.right; x++) {
      let i = row * params.pooledColumns4 * 4u + (y * params.pooledWidth + x) * params.channels + around.channel;
      let dy = four(pooledGradient[i / 4u], i);
      let r = window(y, x, around.channel);
      if (MAXIMUM) {
        sum += select(vec4f(), dy, isFirst(row, e, r, four(pooled[i / 4u], i)));
      } else {
        sum += dy / f32((r.bottom - r.top) * (r.right - r.left));
      }
    }
  }
  return sum;
}

// Where value e is the first of its window that equals the largest.
fn isFirst(row: u32, e: u32, r: Range, largest: vec4f) -> vec4<bool> {
  var first = at(row, e) == largest;
  for (var y = r.top; y < r.bottom; y++) {
    for (var x = r.left; x < r.right; x++) {
      let i = indexOf(y, x, r.channel);
      if (i >= e) { return first; }
      first = first & (at(row, i) != largest);
    }
  }
  return first;
}

fn indexOf(y: u32, x: u32, channel: u32) -> u32 {
  return (y * params.width + x) * params.channels + channel;
}

// Four channels from value i on, or value i alone.
fn at(row: u32, i: u32) -> vec4f {
  if (QUADS) { return loadRow4(row, i / 4u); }
  return vec4f(loadValue(row, i));
}

fn four(quad: vec4f, i: u32) -> vec4f {
  if (QUADS) { return quad; }
  return vec4f(quad[i % 4u]);
}
