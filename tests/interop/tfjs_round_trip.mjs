// TensorFlow.js opens the folders that ceratops-formats writes and predicts the same, and the other
// way round.
//
//     node tests/interop/tfjs_round_trip.mjs
//
// NODE_FOLDER names a folder where `npm install @tensorflow/tfjs` was run; without it, one is made
// in the system's folder for temporary files.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

// The largest difference between outputs: single precision, in another order.
const TOLERANCE = 2e-5;

function nodeFolder() {
  if (process.env.NODE_FOLDER) return process.env.NODE_FOLDER;
  const home = path.join(os.tmpdir(), 'ceratops-interop-node');
  fs.mkdirSync(home, { recursive: true });
  if (!fs.existsSync(path.join(home, 'node_modules'))) {
    execFileSync('npm', ['install', '--silent', '@tensorflow/tfjs'], { cwd: home, stdio: 'inherit' });
  }
  return home;
}

const root = path.resolve(import.meta.dirname, '../..');
function ceratops(...args) {
  const cargo = ['run', '-q', '-p', 'ceratops-formats', '--example', 'tfjs_round_trip', '--'];
  execFileSync('cargo', [...cargo, ...args], { cwd: root, stdio: 'inherit' });
}

console.warn = () => {};
const tf = createRequire(path.resolve(nodeFolder()) + '/')('@tensorflow/tfjs');
await tf.setBackend('cpu');

const tensor = ({ shape, values }) => tf.tensor(values, shape, 'float32');
const written = (t) => ({ shape: t.shape, values: Array.from(t.dataSync()) });
const readJson = (...parts) => JSON.parse(fs.readFileSync(path.join(...parts), 'utf8'));

// What TensorFlow.js' own loaders do with a folder, by its own functions.
const fromFolder = (folder) => ({
  load: async () => tf.io.getModelArtifactsForJSON(readJson(folder, 'model.json'), async (manifest) => {
    const shards = manifest.flatMap((group) => group.paths).map((name) => fs.readFileSync(path.join(folder, name)));
    return [manifest.flatMap((group) => group.weights), new Uint8Array(Buffer.concat(shards)).buffer];
  }),
});

// Two shards that cut a number, as tensorflowjs_converter makes them.
const toFolder = (folder) => tf.io.withSaveHandler(async (artifacts) => {
  fs.mkdirSync(folder, { recursive: true });
  const data = Buffer.from(artifacts.weightData);
  const cut = Math.floor(data.length / 2) | 1;
  const paths = data.length > 8 ? ['group1-shard1of2.bin', 'group1-shard2of2.bin'] : ['weights.bin'];
  paths.forEach((name, i) => fs.writeFileSync(path.join(folder, name), paths.length === 1 ? data : i === 0 ? data.subarray(0, cut) : data.subarray(cut)));
  const { weightData, weightSpecs, ...rest } = artifacts;
  const document = { ...rest, weightsManifest: [{ paths, weights: weightSpecs }] };
  fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify(document));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
});

async function checkOurs(folder) {
  const model = await tf.loadLayersModel(fromFolder(folder));
  if (!fs.existsSync(path.join(folder, 'expected.json'))) return model;
  const { x, y } = readJson(folder, 'expected.json');
  const found = model.predict(tensor(x));
  if (String(found.shape) !== String(y.shape)) throw new Error(`shape ${found.shape}, not ${y.shape}`);
  const worst = found.dataSync().reduce((most, v, i) => Math.max(most, Math.abs(v - y.values[i])), 0);
  if (!(worst <= TOLERANCE)) throw new Error(`outputs differ by ${worst}`);
  return model;
}

async function save(model, folder, inputShape) {
  const count = 2 * inputShape.reduce((a, b) => a * b, 1);
  const x = tf.tensor(Array.from({ length: count }, (_, i) => 2 * Math.sin(0.37 * i)), [2, ...inputShape]);
  await model.save(toFolder(folder), { includeOptimizer: model.optimizer != null });
  fs.writeFileSync(path.join(folder, 'expected.json'), JSON.stringify({ x: written(x), y: written(model.predict(x)) }));
}

// Models that TensorFlow.js makes, trained for a step where that tells more.
async function saveTheirs(folder) {
  const { layers } = tf;
  const images = tf.sequential({ layers: [
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'relu6', inputShape: [8, 8, 2] }),
    layers.batchNormalization(), layers.prelu({ sharedAxes: [1, 2], alphaInitializer: 'ones' }),
    layers.maxPooling2d({ poolSize: 2 }), layers.leakyReLU({ alpha: 0.2 }),
    layers.flatten(), layers.dropout({ rate: 0.5 }), layers.dense({ units: 5, activation: 'softmax' })] });
  images.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  await images.fit(tf.randomNormal([8, 8, 8, 2]), tf.oneHot(tf.range(0, 8, 1, 'int32').mod(tf.scalar(5, 'int32')), 5), { epochs: 2, verbose: 0 });
  await save(images, path.join(folder, 'images'), [8, 8, 2]);
  for (const activation of ['elu', 'hardSigmoid', 'linear', 'relu', 'relu6', 'selu', 'sigmoid', 'softmax', 'softplus', 'softsign', 'tanh', 'swish', 'mish', 'gelu']) {
    const model = tf.sequential({ layers: [layers.dense({ units: 6, inputShape: [3] }), layers.activation({ activation })] });
    await save(model, path.join(folder, activation), [3]);
  }
  await save(tf.sequential({ layers: [layers.thresholdedReLU({ theta: 0.3, inputShape: [3] }), layers.dense({ units: 2 })] }), path.join(folder, 'thresholded'), [3]);
  const inner = tf.sequential({ name: 'inner', layers: [layers.dense({ units: 4, inputShape: [3] }), layers.elu()] });
  await save(tf.sequential({ layers: [layers.dense({ units: 3, inputShape: [3] }), inner, layers.dense({ units: 2 })] }), path.join(folder, 'nested'), [3]);
  const input = tf.input({ shape: [3] });
  const chain = layers.dense({ units: 2 }).apply(layers.reLU({ maxValue: 1 }).apply(layers.dense({ units: 4 }).apply(input)));
  await save(tf.model({ inputs: input, outputs: chain }), path.join(folder, 'functional'), [3]);
}

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ceratops-tfjs-'));
let bad = 0;
try {
  const [ours, theirs] = ['ours', 'theirs'].map((name) => path.join(home, name));
  ceratops('write', ours);
  const names = fs.readdirSync(ours).sort();
  for (const name of names) {
    try {
      // What was opened is saved again, for Ceratops to open.
      const model = await checkOurs(path.join(ours, name));
      const shape = model.inputs[0].shape.slice(1).map((n) => n ?? 7);
      await save(model, path.join(theirs, `again_${name}`), shape);
    } catch (error) {
      bad += 1;
      console.log(`${name}: ${error.message.slice(0, 400)}`);
    }
  }
  console.log(`TensorFlow.js ${tf.version.tfjs}: ${names.length - bad} of ${names.length} folders agree`);
  await saveTheirs(theirs);
  ceratops('read', theirs);
} catch (error) {
  bad += 1;
  console.log(error.message);
} finally {
  fs.rmSync(home, { recursive: true });
}
process.exit(bad > 0 ? 1 : 0);
