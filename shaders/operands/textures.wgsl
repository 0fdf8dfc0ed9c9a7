// The packed operands of a product in textures: one load fetches a whole vec4f, where software adapters gather it
// from a buffer component by component.
@group(1) @binding(0) var left: texture_2d<f32>;
@group(1) @binding(1) var right: texture_2d<f32>;

fn leftAt(i: u32) -> vec4f {
  return textureLoad(left, texel(i), 0);
}

fn rightAt(i: u32) -> vec4f {
  return textureLoad(right, texel(i), 0);
}
