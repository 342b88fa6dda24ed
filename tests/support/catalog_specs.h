#pragma once
// Small specs that between them name every task, model, loss and optimizer, and every word of a
// model's settings: for laws that hold over whole catalogues.

#include <string>
#include <vector>

#include "grok/spec/run_spec.h"

namespace grok {

struct CatalogSpec {
  std::string name;  // what is particular about it
  RunSpec spec;
};

/// One of each task with a model that suits it.
std::vector<CatalogSpec> specs_of_all_tasks();
/// One of each model, and of each setting of a model, with a task that suits it.
std::vector<CatalogSpec> specs_of_all_models();
/// One of each optimizer, filter of gradients and schedule.
std::vector<CatalogSpec> specs_of_all_optimizers();
/// One of each term of the loss, and of each word of its settings.
std::vector<CatalogSpec> specs_of_all_terms();
/// All of them.
std::vector<CatalogSpec> catalog_specs();

}  // namespace grok
