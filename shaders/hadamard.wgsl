// Structured orthogonal random features (Yu et al., "Orthogonal Random Features", 2016), with bias and cosine:
//   Z = cos(N H D1 H D2 H D3 x / s + b) in blocks of P features.  X [rows, d], d <= P -> Z [rows, D]
// H is the Walsh-Hadamard matrix of P points, D1 to D3 are random signs, N are the features' norms / P^1.5.
// `loadRow4` comes from rows/bytes.wgsl or rows/floats.wgsl, `store8` from stores/*.wgsl.
//
// A tile is 4096 values: 4096 / P rows of one block. A workgroup takes one tile after the other; each of its
// invocations holds 64 values in registers, and does the levels of the transform that lie within them. Between such
// passes the values change places through `scratch`. That is a storage buffer rather than workgroup memory, since
// software adapters fill the latter with zeros one component after another. Quads of four consecutive values are never
// parted, so that everything is read and written as vec4f.

// log2 P, from 6 to 12. H has one factor for each bit of a value's index in its row; they commute.
override LOG2_POINTS: u32 = 10;
// The tile as the epilogue takes it: the cosine, or the bare projection where the scale is still to train.
override KEEP_PROJECTION: bool = false;

struct Params {
  rows: u32,            // rows of the output, at most
  columns4: u32,        // row length of the input / 4
  first: u32,           // where the input begins in a buffer of floats, in vec4f
  unit: f32,            // value of one count of the input
  outputDim: u32,       // D
  features4: u32,       // D / 4, rounded up
  turnsPerUnit: f32,    // 1 / (2 pi s)
}

struct State {
  step: u32,
  next: u32,
  rowCount: u32,
  destination: u32,
  fault: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> state: State;
@group(0) @binding(2) var<storage, read> signs: array<vec2u>;         // [D/P][3][64 invocations] a bit a value, 1: minus
@group(0) @binding(3) var<storage, read> norms: array<vec4f>;         // N [D]
@group(0) @binding(4) var<storage, read> biasTurns: array<vec4f>;     // b / (2 pi) [D]
@group(0) @binding(5) var<storage, read_write> scratch: array<vec4f>; // [workgroups][1024]

// The 16 quads of an invocation, [a0 a1 a2 a3 b0 ... d3], and which of the tile's 1024 they are.
struct Tile { a: mat4x4f, b: mat4x4f, c: mat4x4f, d: mat4x4f }
struct Places { a: vec4u, b: vec4u, c: vec4u, d: vec4u }

// Three arrangements differ in which bits of a quad's index tell an invocation's quads apart.
// Bits 0 to 3: 64 consecutive values.
fn inner(lane: u32) -> Places {
  let i = vec4u(lane * 16u) + vec4u(0u, 1u, 2u, 3u);
  return Places(i, i + 4u, i + 8u, i + 12u);
}
// Bits 4 to 7.
fn middle(lane: u32) -> Places {
  let i = vec4u((lane / 16u) * 256u + lane % 16u) + vec4u(0u, 16u, 32u, 48u);
  return Places(i, i + 64u, i + 128u, i + 192u);
}
// Bits 4, 5, 8 and 9.
fn outer(lane: u32) -> Places {
  let i = vec4u((lane / 16u) * 64u + lane % 16u) + vec4u(0u, 16u, 32u, 48u);
  return Places(i, i + 256u, i + 512u, i + 768u);
}
// The one that rows of P values begin with.
fn outermost(lane: u32) -> Places {
  if (LOG2_POINTS > 10u) { return outer(lane); }
  if (LOG2_POINTS > 6u) { return middle(lane); }
  return inner(lane);
}

// The factor of H for each of the four bits, as a butterfly of quads with quads.
fn bit0of(m: mat4x4f) -> mat4x4f { return mat4x4f(m[0] + m[1], m[0] - m[1], m[2] + m[3], m[2] - m[3]); }
fn bit1of(m: mat4x4f) -> mat4x4f { return mat4x4f(m[0] + m[2], m[1] + m[3], m[0] - m[2], m[1] - m[3]); }
fn bit0(t: Tile) -> Tile { return Tile(bit0of(t.a), bit0of(t.b), bit0of(t.c), bit0of(t.d)); }
fn bit1(t: Tile) -> Tile { return Tile(bit1of(t.a), bit1of(t.b), bit1of(t.c), bit1of(t.d)); }
fn bit2(t: Tile) -> Tile { return Tile(t.a + t.b, t.a - t.b, t.c + t.d, t.c - t.d); }
fn bit3(t: Tile) -> Tile { return Tile(t.a + t.c, t.b + t.d, t.a - t.c, t.b - t.d); }
// The two bits within a quad.
fn within(m: mat4x4f) -> mat4x4f { return transpose(bit1of(bit0of(transpose(m)))); }

// The factors of an arrangement's own bits, as far as a row has them.
fn innerBits(t: Tile) -> Tile {
  return bit3(bit2(bit1(bit0(Tile(within(t.a), within(t.b), within(t.c), within(t.d))))));
}

fn middleBits(t: Tile) -> Tile {
  var r = t;
  if (LOG2_POINTS > 6u) { r = bit0(r); }
  if (LOG2_POINTS > 7u) { r = bit1(r); }
  if (LOG2_POINTS > 8u) { r = bit2(r); }
  if (LOG2_POINTS > 9u) { r = bit3(r); }
  return r;
}

fn outerBits(t: Tile) -> Tile {
  var r = t;
  if (LOG2_POINTS > 10u) { r = bit2(r); }
  if (LOG2_POINTS > 11u) { r = bit3(r); }
  return r;
}

// Where the workgroup's own quads begin in `scratch`.
var<private> region: u32;

fn put(at: vec4u, m: mat4x4f) {
  scratch[region + at.x] = m[0];
  scratch[region + at.y] = m[1];
  scratch[region + at.z] = m[2];
  scratch[region + at.w] = m[3];
}

fn take(at: vec4u) -> mat4x4f {
  return mat4x4f(scratch[region + at.x], scratch[region + at.y], scratch[region + at.z], scratch[region + at.w]);
}

// From one arrangement to another. Within a tile an invocation writes only where it was the last to read.
fn exchange(t: Tile, before: Places, after: Places) -> Tile {
  put(before.a, t.a);
  put(before.b, t.b);
  put(before.c, t.c);
  put(before.d, t.d);
  storageBarrier();
  return Tile(take(after.a), take(after.b), take(after.c), take(after.d));
}

// H x, from the outermost arrangement to the inner one.
fn inwards(t: Tile, lane: u32) -> Tile {
  var r = t;
  if (LOG2_POINTS > 10u) { r = exchange(outerBits(r), outer(lane), middle(lane)); }
  if (LOG2_POINTS > 6u) { r = exchange(middleBits(r), middle(lane), inner(lane)); }
  return innerBits(r);
}

// H x, back.
fn outwards(t: Tile, lane: u32) -> Tile {
  var r = innerBits(t);
  if (LOG2_POINTS > 6u) { r = middleBits(exchange(r, inner(lane), middle(lane))); }
  if (LOG2_POINTS > 10u) { r = outerBits(exchange(r, middle(lane), outer(lane))); }
  return r;
}

// D x. A product with a power of two brings each value's bit to where a float has its sign.
fn flip(t: Tile, bits: vec2u) -> Tile {
  return Tile(flip4(t.a, bits.x), flip4(t.b, bits.x >> 16u), flip4(t.c, bits.y), flip4(t.d, bits.y >> 16u));
}

fn flip4(m: mat4x4f, bits: u32) -> mat4x4f {
  return mat4x4f(
    flip1(m[0], bits * vec4u(0x80000000u, 0x40000000u, 0x20000000u, 0x10000000u)),
    flip1(m[1], bits * vec4u(0x08000000u, 0x04000000u, 0x02000000u, 0x01000000u)),
    flip1(m[2], bits * vec4u(0x00800000u, 0x00400000u, 0x00200000u, 0x00100000u)),
    flip1(m[3], bits * vec4u(0x00080000u, 0x00040000u, 0x00020000u, 0x00010000u)),
  );
}

fn flip1(v: vec4f, signBits: vec4u) -> vec4f {
  return bitcast<vec4f>(bitcast<vec4u>(v) ^ (signBits & vec4u(0x80000000u)));
}

// The row of the tile that a quad belongs to, and its place there.
fn rowOf(quad: u32) -> u32 { return quad >> (LOG2_POINTS - 2u); }
fn columnOf(quad: u32) -> u32 { return quad & ((1u << (LOG2_POINTS - 2u)) - 1u); }

// Rows from `firstRow` on, columns beyond d as zeros; rows beyond the last repeat it.
fn loadQuad(quad: u32, firstRow: u32, lastRow: u32) -> vec4f {
  let column4 = columnOf(quad);
  let value = loadRow4(min(firstRow + rowOf(quad), lastRow), min(column4, params.columns4 - 1u));
  return select(vec4f(), value, column4 < params.columns4);
}

fn load(at: vec4u, firstRow: u32, lastRow: u32) -> mat4x4f {
  return mat4x4f(
    loadQuad(at.x, firstRow, lastRow),
    loadQuad(at.y, firstRow, lastRow),
    loadQuad(at.z, firstRow, lastRow),
    loadQuad(at.w, firstRow, lastRow),
  );
}

// Four features, from N / P^1.5 times less.
fn features(column4: u32, v: vec4f) -> vec4f {
  let p = v * norms[column4];
  if (KEEP_PROJECTION) { return p; }
  let feature = vec4u(column4 * 4u) + vec4u(0u, 1u, 2u, 3u);
  let z = cosTurns(p * params.turnsPerUnit + biasTurns[column4]);
  return select(vec4f(0.0), z, feature < vec4u(params.outputDim));
}

// Eight consecutive features of a row; `b` may lie beyond the last.
fn emit8(row: u32, column8: u32, a: vec4f, b: vec4f) {
  let column4 = column8 * 2u;
  if (column4 >= params.features4) { return; }
  let second = select(vec4f(), features(min(column4 + 1u, params.features4 - 1u), b), column4 + 1u < params.features4);
  store8(state.destination + row, column8, mat2x4f(features(column4, a), second));
}

@compute @workgroup_size(64)
fn hadamard(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) lane: u32,
) {
  region = group.x * 1024u;
  let rowCount = min(params.rows, state.rowCount);
  let rowsPerTile = 4096u >> LOG2_POINTS;
  let blocks = ((params.features4 - 1u) >> (LOG2_POINTS - 2u)) + 1u;
  let tiles = blocks * ((rowCount + rowsPerTile - 1u) / rowsPerTile);
  let at = outermost(lane);
  for (var tile = group.x; tile < tiles; tile += groups.x) {
    let part = tile % blocks;
    let first = (tile / blocks) * rowsPerTile;
    let last = rowCount - 1u;
    let bits = part * 192u + lane;
    var t = Tile(load(at.a, first, last), load(at.b, first, last), load(at.c, first, last), load(at.d, first, last));
    t = inwards(flip(t, signs[bits + 128u]), lane);
    t = outwards(flip(t, signs[bits + 64u]), lane);
    t = inwards(flip(t, signs[bits]), lane);

    let row = first + rowOf(lane * 16u);
    if (row < rowCount) {
      let column8 = ((part << (LOG2_POINTS - 2u)) + columnOf(lane * 16u)) / 2u;
      emit8(row, column8 + 0u, t.a[0], t.a[1]); emit8(row, column8 + 1u, t.a[2], t.a[3]);
      emit8(row, column8 + 2u, t.b[0], t.b[1]); emit8(row, column8 + 3u, t.b[2], t.b[3]);
      emit8(row, column8 + 4u, t.c[0], t.c[1]); emit8(row, column8 + 5u, t.c[2], t.c[3]);
      emit8(row, column8 + 6u, t.d[0], t.d[1]); emit8(row, column8 + 7u, t.d[2], t.d[3]);
    }
    storageBarrier(); // the next tile is written where others have just read
  }
}
