#include "grok/lab/batch_loss.h"

namespace grok {

bool records_batch_loss(const RunSpec& spec) {
  return !spec.train.is_text("batch") || spec.loss.text("name") != "cross_entropy" ||
         !spec.terms.empty();
}

void add_batch_loss(Trainer& trainer, Measurements& out) {
  out.add("batch_loss", trainer.evaluate());
  for (const std::string& label : trainer.term_labels())
    out.add("term." + label, trainer.term_value(label));
  const Doubles losses = trainer.answer_losses();
  const std::size_t n_answers = trainer.n_answers();
  if (losses.empty() || n_answers < 2) return;
  std::vector<double> means(n_answers);
  for (std::size_t i = 0; i < losses.size(); ++i) means[i % n_answers] += losses[i];
  for (double& x : means) x *= static_cast<double>(n_answers) / static_cast<double>(losses.size());
  out.add("batch_loss_by_position", means);
}

}  // namespace grok
