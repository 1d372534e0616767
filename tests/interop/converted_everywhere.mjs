// TensorFlow.js' part of converted_everywhere.py:
// node converted_everywhere.mjs FOLDER_OF_TFJS FOLDER_OF_SAMPLES BACKEND
// BACKEND is cpu, or wasm, which computes some things in another way.
import fs from 'fs';
import path from 'path';
import { createRequire } from 'module';

const [modules, folder, backend] = process.argv.slice(2);
console.warn = () => {};
const require = createRequire(path.resolve(modules) + '/');
const tf = require('@tensorflow/tfjs');
if (backend === 'wasm') require('@tensorflow/tfjs-backend-wasm');
await tf.setBackend(backend);

// The largest difference between outputs, as a part of them: single precision, in another order.
const TOLERANCE = 1e-4;
const floats = (file) => {
  const bytes = fs.readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

function fromFolder(place) {
  const web = path.join(place, 'web');
  const { modelTopology, weightsManifest } = JSON.parse(fs.readFileSync(path.join(web, 'model.json')));
  const [{ paths, weights: weightSpecs }] = weightsManifest;
  const bytes = Buffer.concat(paths.map((name) => fs.readFileSync(path.join(web, name))));
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
}

async function fromJson(place, sizes) {
  const modelTopology = JSON.parse(fs.readFileSync(path.join(place, 'm.json')));
  const model = await tf.models.modelFromJSON({ modelTopology });
  const all = floats(path.join(place, 'weights.bin'));
  let start = 0;
  const weights = sizes.map((shape) => {
    const size = shape.reduce((a, b) => a * b, 1);
    start += size;
    return tf.tensor(all.slice(start - size, start), shape);
  });
  // Weights that are not trained come last there, but Keras has them with their layers.
  let next = 0;
  const give = (layer) => {
    if (layer.layers) return layer.layers.forEach(give);
    const count = layer.getWeights().length;
    layer.setWeights(weights.slice(next, next + count));
    next += count;
  };
  give(model);
  return model;
}

let failed = 0;
for (const kind of ['tfjs', 'portable-json']) {
  let right = 0, told = 0;
  for (const name of fs.readdirSync(folder).sort()) {
    const place = path.join(folder, name);
    if (kind in JSON.parse(fs.readFileSync(path.join(place, 'refused.json')))) continue;
    const sample = JSON.parse(fs.readFileSync(path.join(place, 'case.json')));
    let fault = '';
    try {
      const model = kind === 'tfjs' ? await fromFolder(place) : await fromJson(place, sample.weights);
      const y = model.predict(tf.tensor(floats(path.join(place, 'x.bin')), sample.x));
      const expected = floats(path.join(place, 'y.bin'));
      let worst = 0;
      y.dataSync().forEach((v, i) => {
        const e = expected[i];
        if (Object.is(v, e) || v === e) return;
        worst = Math.max(worst, Number.isNaN(v - e) ? Infinity : Math.abs(v - e) / (1 + Math.abs(e)));
      });
      if (String(y.shape) !== String(sample.y)) fault = `shape ${y.shape}, not ${sample.y}`;
      else if (!(worst <= TOLERANCE)) fault = `off by ${worst}`;
    } catch (error) { fault = error.message.slice(0, 300); }
    if (!fault) { right += 1; continue; }
    const notes = path.join(place, `${kind}.notes`);
    const said = fs.existsSync(notes) ? fs.readFileSync(notes, 'utf8').trim() : 'nothing said';
    // Of a document for several readers, which keep a constraint until weights are trained.
    if (said.includes('it would change those')) { told += 1; continue; }
    failed += 1;
    console.log(`TensorFlow.js (${backend}) ${kind} ${name} ${sample.name}: ${fault} (${said})`);
  }
  console.log(`TensorFlow.js ${tf.version.tfjs} (${backend}), ${kind}: ${right} right, ${told} otherwise, as was said`);
}
process.exit(failed > 0 ? 1 : 0);
