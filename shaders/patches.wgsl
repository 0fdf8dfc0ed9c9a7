// Patches of images as the packed operands of products: a convolution is a product of its patches and its filters.
// Images are rows [height][width][channels], and patches the rows of a matrix that is never written as such:
// [images * patchesY * patchesX, depth]. `loadRow4` and `loadValue` come from rows/*.wgsl, `store8` from
// stores/*.wgsl.
override QUADS: bool = false;   // channels are a multiple of 4
override DILATED: bool = false; // the image lies spread out, with zeros between its pixels

struct Params {
  columns4: u32,   // row length of the source / 4
  first: u32,      // where the rows begin in a buffer of floats, in vec4f
  unit: f32,       // value of one count of a source of bytes
  height: u32,
  width: u32,
  channels: u32,
  patchesY: u32,   // patches of an image, down
  patchesX: u32,   // and across
  strideY: u32,    // from one patch to the next, in pixels
  strideX: u32,
  spreadY: u32,    // from one pixel to the next, where DILATED
  spreadX: u32,
  firstPatch: u32, // the first patch that is packed
  packed: u32,     // how many are
  depth: u32,      // length of the sums of the product
}

@group(0) @binding(0) var<uniform> params: Params;
// What each value of a patch is: (dy, dx, channel), from the patch's place; far outside where there is none.
@group(0) @binding(1) var<storage, read> taps: array<vec4i>;

struct Patch {
  image: u32,
  y: i32, // row of patches
  x: i32,
  left: i32, // patches up to the last
}

// Patches in tiles of 16, [packed/16][depth][16], for sums over their values. One invocation transposes 8 patches x
// 4 values. Patches beyond the last are zero. Workgroups: octets of patches, depth / 4.
@compute @workgroup_size(64)
fn packPatches(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let octet = group.x * 64u + lane;
  if (octet >= (params.packed + 15u) / 16u * 2u) { return; }
  let k = group.y * 4u;
  let t0 = taps[k]; let t1 = taps[k + 1u]; let t2 = taps[k + 2u]; let t3 = taps[k + 3u];
  let p0 = patchAt(octet * 8u); let p1 = next(p0); let p2 = next(p1); let p3 = next(p2);
  let p4 = next(p3); let p5 = next(p4); let p6 = next(p5); let p7 = next(p6);
  let a = transpose(mat4x4f(
    values(p0, t0, t1, t2, t3), values(p1, t0, t1, t2, t3), values(p2, t0, t1, t2, t3), values(p3, t0, t1, t2, t3),
  ));
  let b = transpose(mat4x4f(
    values(p4, t0, t1, t2, t3), values(p5, t0, t1, t2, t3), values(p6, t0, t1, t2, t3), values(p7, t0, t1, t2, t3),
  ));
  let at = (octet / 2u) * params.depth + k;
  store8(at, octet % 2u, mat2x4f(a[0], b[0]));
  store8(at + 1u, octet % 2u, mat2x4f(a[1], b[1]));
  store8(at + 2u, octet % 2u, mat2x4f(a[2], b[2]));
  store8(at + 3u, octet % 2u, mat2x4f(a[3], b[3]));
}

// Values in tiles of 16, [values/16][depth][16], for sums over the patches, of which depth >= packed. One invocation
// takes 4 patches x 8 values. Workgroups: depth / 4, octets of values.
@compute @workgroup_size(64)
fn packPatchColumns(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = (group.x * 64u + lane) * 4u;
  if (row >= params.depth) { return; }
  let k = group.y * 8u;
  let t0 = taps[k]; let t1 = taps[k + 1u]; let t2 = taps[k + 2u]; let t3 = taps[k + 3u];
  let u0 = taps[k + 4u]; let u1 = taps[k + 5u]; let u2 = taps[k + 6u]; let u3 = taps[k + 7u];
  let at = (group.y / 2u) * params.depth + row;
  var p = patchAt(row);
  for (var i = 0u; i < 4u; i++) {
    store8(at + i, group.y % 2u, mat2x4f(values(p, t0, t1, t2, t3), values(p, u0, u1, u2, u3)));
    p = next(p);
  }
}

// Patch i of those packed.
fn patchAt(i: u32) -> Patch {
  let index = params.firstPatch + i;
  let ofImage = params.patchesY * params.patchesX;
  let image = index / ofImage;
  let place = index - image * ofImage;
  let y = place / params.patchesX;
  return Patch(image, i32(y), i32(place - y * params.patchesX), i32(params.packed) - i32(i));
}

fn next(p: Patch) -> Patch {
  let wrapsX = p.x + 1 == i32(params.patchesX);
  let wrapsY = wrapsX && p.y + 1 == i32(params.patchesY);
  return Patch(
    p.image + u32(wrapsY),
    select(p.y + i32(wrapsX), 0, wrapsY),
    select(p.x + 1, 0, wrapsX),
    p.left - 1,
  );
}

// Four values of a p. Channels in fours are one load.
fn values(p: Patch, t0: vec4i, t1: vec4i, t2: vec4i, t3: vec4i) -> vec4f {
  let e0 = element(p, t0);
  if (QUADS) {
    if (e0 < 0) { return vec4f(); }
    return loadRow4(p.image, u32(e0) / 4u);
  }
  let e1 = element(p, t1); let e2 = element(p, t2); let e3 = element(p, t3);
  return vec4f(value(p, e0), value(p, e1), value(p, e2), value(p, e3));
}

fn value(p: Patch, e: i32) -> f32 {
  if (e < 0) { return 0.0; }
  return loadValue(p.image, u32(e));
}

// Where in the image's row a value of a patch lies; negative outside.
fn element(p: Patch, tap: vec4i) -> i32 {
  var y = p.y * i32(params.strideY) + tap.x;
  var x = p.x * i32(params.strideX) + tap.y;
  var inside = p.left > 0 && y >= 0 && x >= 0;
  if (DILATED) {
    let spread = vec2i(i32(params.spreadY), i32(params.spreadX));
    inside = inside && y % spread.x == 0 && x % spread.y == 0;
    y /= spread.x;
    x /= spread.y;
  }
  inside = inside && y < i32(params.height) && x < i32(params.width);
  return select(-1, (y * i32(params.width) + x) * i32(params.channels) + tap.z, inside);
}
