// Stochastic gradient descent; the step size is the learning rate.

fn update(i: u32, w: vec4f, g: vec4f, stepSize: f32) -> vec4f {
  return w - g * stepSize;
}
