// Writes the folder `tfjs` with TensorFlow.js: a small compiled model with what its optimizer
// remembers, and what it predicts. Run where `@tensorflow/tfjs` is installed:
//     node make_tfjs.mjs
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';

const tf = createRequire(process.cwd() + '/')('@tensorflow/tfjs');
const folder = path.join(import.meta.dirname, 'tfjs');
fs.mkdirSync(folder, {recursive: true});

const model = tf.sequential({name: 'small'});
model.add(tf.layers.dense({units: 3, inputShape: [4], name: 'first'}));
model.add(tf.layers.prelu({name: 'between', alphaInitializer: 'ones'}));
model.add(tf.layers.dense({units: 2, name: 'last'}));
model.compile({optimizer: 'adam', loss: 'meanSquaredError', metrics: ['mse']});
const x = tf.tensor2d(Array.from({length: 8}, (_, i) => Math.sin(i)), [2, 4]);
await model.fit(x, tf.ones([2, 2]), {epochs: 3, verbose: 0});

const save = tf.io.withSaveHandler(async (artifacts) => {
  fs.writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(artifacts.weightData));
  const {modelTopology, weightSpecs, format, generatedBy, convertedBy, trainingConfig} = artifacts;
  fs.writeFileSync(path.join(folder, 'model.json'), JSON.stringify({
    modelTopology, format, generatedBy, convertedBy, trainingConfig,
    weightsManifest: [{paths: ['weights.bin'], weights: weightSpecs}],
  }) + '\n');
  return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts)};
});
await model.save(save, {includeOptimizer: true});
const expected = {x: Array.from(x.dataSync()), y: Array.from(model.predict(x).dataSync())};
fs.writeFileSync(path.join(folder, 'expected.json'), JSON.stringify(expected) + '\n');
