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
  // No loop: SwiftShader takes a minute to compile one.
  let p0 = patchAt(row); let p1 = next(p0); let p2 = next(p1); let p3 = next(p2);
  let half = group.y % 2u;
  store8(at, half, mat2x4f(values(p0, t0, t1, t2, t3), values(p0, u0, u1, u2, u3)));
  store8(at + 1u, half, mat2x4f(values(p1, t0, t1, t2, t3), values(p1, u0, u1, u2, u3)));
  store8(at + 2u, half, mat2x4f(values(p2, t0, t1, t2, t3), values(p2, u0, u1, u2, u3)));
  store8(at + 3u, half, mat2x4f(values(p3, t0, t1, t2, t3), values(p3, u0, u1, u2, u3)));
}

// Patch i of those packed; beyond the last one, the last, with none left.
fn patchAt(i: u32) -> Patch {
  let index = params.firstPatch + min(i, params.packed - 1u);
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
    p.image + u32(wrapsY && p.left > 1),
    select(p.y + i32(wrapsX), 0, wrapsY),
    select(p.x + 1, 0, wrapsX),
    p.left - 1,
  );
}

// Four values of a patch. Channels in fours are one load.
fn values(p: Patch, t0: vec4i, t1: vec4i, t2: vec4i, t3: vec4i) -> vec4f {
  let e0 = element(p, t0);
  if (QUADS) { return select(vec4f(), loadRow4(p.image, u32(max(e0, 0)) / 4u), e0 >= 0); }
  let e = vec4i(e0, element(p, t1), element(p, t2), element(p, t3));
  let at = vec4u(max(e, vec4i(0)));
  let loaded = vec4f(
    loadValue(p.image, at.x), loadValue(p.image, at.y), loadValue(p.image, at.z), loadValue(p.image, at.w),
  );
  return select(vec4f(), loaded, e >= vec4i(0));
}

// Where in the image's row a value of a patch lies; negative outside.
fn element(p: Patch, tap: vec4i) -> i32 {
  var place = vec2i(p.y, p.x) * vec2i(i32(params.strideY), i32(params.strideX)) + tap.xy;
  var inside = p.left > 0 && all(place >= vec2i(0));
  if (DILATED) {
    let spread = vec2i(i32(params.spreadY), i32(params.spreadX));
    inside = inside && all(place % spread == vec2i(0));
    place /= spread;
  }
  inside = inside && place.x < i32(params.height) && place.y < i32(params.width);
  return select(-1, (place.x * i32(params.width) + place.y) * i32(params.channels) + tap.z, inside);
}
