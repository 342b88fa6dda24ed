// What the numbers are, in a line each; docs/progress_measures.md has the formulas and sources.

const known = {
  train_loss: ["train loss", "nats", "Mean cross-entropy on the examples trained on."],
  test_loss: ["test loss", "nats", "Mean cross-entropy on the examples held out."],
  all_loss: ["loss, all", "nats", "Mean cross-entropy on all examples."],
  batch_loss: ["batch loss", "nats", "Mean cross-entropy on the examples of one step."],
  train_accuracy: ["train accuracy", "0 to 1", "Share of the examples trained on that are answered right."],
  test_accuracy: ["test accuracy", "0 to 1", "Share of the held-out examples that are answered right."],
  all_accuracy: ["accuracy, all", "0 to 1", "Share of all examples that are answered right."],
  restricted_loss: ["restricted loss", "nats", "Loss on all pairs of the key frequencies' waves alone: falls while the test loss is still high, as the circuit forms unseen."],
  excluded_loss: ["excluded loss, key frequencies", "nats", "Train loss without the waves of the key frequencies: rises as the network comes to lean on them."],
  excluded_loss_all_frequencies: ["excluded loss, all frequencies", "nats", "Train loss without the waves of all frequencies: what memory alone can do."],
  trig_fit_explained: ["trig fit", "0 to 1", "Share of the logits' variance that is waves cos(w(a + b − c)) of the key frequencies."],
  trig_fit_loss: ["trig fit loss", "nats", "Loss of the fitted waves alone."],
  neurons_explained: ["neurons in clusters", "0 to 1", "Share of neurons that answer to one frequency with at least 85 % of their variance."],
  "gini.W_E": ["Gini of W_E", "0 to 1", "How unevenly the embedding's norm is spread over frequencies: 0 even, towards 1 a few have all."],
  "gini.W_L": ["Gini of W_L", "0 to 1", "The same of the map from neurons to logits."],
  sum_squared_weights: ["sum of squared weights", "", "Over all weights: weight decay pulls it down, memory costs more of it than the circuit."],
  gradient_symmetricity: ["gradient symmetricity", "−1 to 1", "How alike the gradients by a and by b are: near 1 for a pizza, lower for a clock."],
  distance_irrelevance: ["distance irrelevance", "0 to 1", "How little the correct logit depends on a − b."],
  circularity: ["circularity", "0 to 1", "How far the embedding's principal components are circles."],
  embedding_spectrum: ["embedding W_E", "norm", "How strongly the embedding varies with each frequency."],
  neuron_logit_spectrum: ["unembedding W_L", "norm", "How strongly the map from neurons to logits varies with each frequency of the output."],
  cos_coefficients: ["logits", "length", "How far the logits go along cos(w(a + b − c)) of each frequency."],
  excluded_loss_2d: ["excluded loss", "nats", "Train loss without the waves of one frequency, for each frequency."],
  excluded_loss_3d: ["excluded loss, 3D", "nats", "Train loss without the one direction cos(w(a + b − c)), for each frequency."],
  neuron_clusters: ["neurons", "count", "Neurons that answer to each frequency with at least 85 % of their variance."],
  attention_to_tokens: ["attention to tokens", "0 to 1", "Mean attention of each head from the last position."],
  memorization: ["memorization", "", "The training examples are learnt by heart."],
  circuit_formation: ["circuit formation", "", "The algorithm grows beside the memory, unseen by the test loss."],
  cleanup: ["cleanup", "", "Weight decay removes the memory; test accuracy jumps."],
};

/** {label, unit, meaning} of a metric, array or phase; a name that is not known says itself. */
export function definition(name) {
  const [label, unit, meaning] = known[name] ?? [name.replaceAll("_", " "), "", ""];
  return { label, unit, meaning };
}
export const hint = (name) => {
  const { unit, meaning } = definition(name);
  return [meaning, unit && `Unit: ${unit}.`, `Recorded as ${name}.`].filter(Boolean).join(" ");
};

/** 0 to 1, so that a linear axis suits it. */
export const is_share = (name) => definition(name).unit === "0 to 1" || name.endsWith("accuracy");
