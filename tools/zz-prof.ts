import { setNativeEngine, tf, useEngine, withSeed, record, crossEntropyFlat, hookOutputs } from '@espalier/core'
import { createUnetModel, mobilenetV2 } from '@espalier/vision'
setNativeEngine(() => import('@espalier/tensorflow'))
await useEngine('native')
const unet = await createUnetModel(mobilenetV2, 11, [180, 240], {})
const bs = 4
const x = tf.randomNormal([bs, 180, 240, 3]) as tf.Tensor4D
const y = tf.zeros([bs, 180, 240], 'int32')
console.log('params', unet.parameters().reduce((n, p) => n + p.size, 0))
for (let k = 0; k < 2; k++) {
  const t0 = performance.now()
  tf.tidy(() => { 
    let t = performance.now()
    const lap = (name: string, out: tf.Tensor) => { out.dataSync(); const n = performance.now(); console.log('  fwd', name, out.shape.join(), (n - t).toFixed(0)); t = performance.now() }
    const { features, skips } = unet.encode(x); lap('encode', features)
    let h = features; let b = 0
    for (const layer of unet.decoder) { 
      if (layer.kind === 'UnetBlock') {
        const blk = layer as any
        const up = blk.shuf.layers[0].forward(h); lap('shuf conv', up)
        const sh = blk.shuf.layers[1].forward(up); lap('shuffle', sh)
        h = (layer as any).forward(h, skips[b++]!); 
      } else h = (layer as any).forward(h, x)
      lap(layer.kind, h) }
  })
  console.log('fwd total', performance.now() - t0)
  const t1 = performance.now()
  tf.tidy(() => {
    const { result, tape } = record(() => crossEntropyFlat(unet.forward(x), y))
    result.dataSync(); console.log('fwd', performance.now() - t1)
    const grads = tape.backward(result, unet.parameters()); grads.at(-1)!.dataSync(); grads[0]!.dataSync()
  })
  console.log('step', performance.now() - t1)
}
