// TensorFlow.js' part of json_everywhere.py: node json_everywhere.mjs FOLDER_OF_TFJS FOLDER_OF_SAMPLES
import fs from 'fs';
import path from 'path';
import { createRequire } from 'module';

const [modules, folder] = process.argv.slice(2);
console.warn = () => {};
const tf = createRequire(path.resolve(modules) + '/')('@tensorflow/tfjs');
await tf.setBackend('cpu');

// The largest difference between outputs: single precision, in another order.
const TOLERANCE = 2e-5;
const tensor = ({ shape, values }) => tf.tensor(values, shape, 'float32');
const leaves = (model) => model.layers.flatMap((layer) => (layer.layers ? leaves(layer) : [layer]));

async function checkOne(sample) {
  const model = await tf.models.modelFromJSON({ modelTopology: sample.document });
  if (!sample.y) return [];
  const layers = new Map(leaves(model).map((layer) => [layer.name, layer]));
  for (const [name, weights] of Object.entries(sample.weights)) layers.get(name).setWeights(weights.map(tensor));
  const y = model.predict(tensor(sample.x));
  const found = [];
  if (String(y.shape) !== String(sample.y.shape)) found.push(`: shape ${y.shape}, not ${sample.y.shape}`);
  const worst = y.dataSync().reduce((most, v, i) => Math.max(most, Math.abs(v - sample.y.values[i])), 0);
  if (!(worst <= TOLERANCE)) found.push(`: outputs differ by ${worst}`);
  return found;
}

let failed = 0;
for (const words of ['tfjs', 'portable']) {
  let opened = 0, computed = 0, refused = 0, bad = 0;
  for (const file of fs.readdirSync(folder).filter((f) => f.startsWith(words + '.')).sort()) {
    const sample = JSON.parse(fs.readFileSync(path.join(folder, file)));
    if (sample.refused) { refused += 1; continue; }
    let found;
    try { found = await checkOne(sample); } catch (error) { found = [': ' + error.message.slice(0, 400)]; }
    opened += 1;
    computed += sample.y ? 1 : 0;
    bad += found.length > 0 ? 1 : 0;
    found.forEach((difference) => console.log(`TensorFlow.js, ${file}${difference}`));
  }
  failed += bad + (opened === 0 ? 1 : 0);
  console.log(`TensorFlow.js ${tf.version.tfjs}, words ${words}: ${opened - bad} of ${opened} documents agree, of ${computed} the output too; ${refused} were refused when written`);
}
process.exit(failed > 0 ? 1 : 0);
