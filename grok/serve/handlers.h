#pragma once
// What each route does; see docs/scope.md for what it is asked and what it answers.

#include "grok/serve/routes.h"

namespace grok::serve {

Reply page_root(Scope& scope, const Request& request, const Matched& matched);
Reply page_file(Scope& scope, const Request& request, const Matched& matched);
Reply list_runs(Scope& scope, const Request& request, const Matched& matched);
Reply show_run(Scope& scope, const Request& request, const Matched& matched);
Reply run_metrics(Scope& scope, const Request& request, const Matched& matched);
Reply run_array(Scope& scope, const Request& request, const Matched& matched);
Reply run_live(Scope& scope, const Request& request, const Matched& matched);
Reply run_state(Scope& scope, const Request& request, const Matched& matched);
Reply run_circuit(Scope& scope, const Request& request, const Matched& matched);
Reply run_race(Scope& scope, const Request& request, const Matched& matched);

// train_handlers.cpp
Reply list_catalog(Scope& scope, const Request& request, const Matched& matched);
Reply explain_spec(Scope& scope, const Request& request, const Matched& matched);
Reply train_run(Scope& scope, const Request& request, const Matched& matched);
Reply fork_from(Scope& scope, const Request& request, const Matched& matched);
Reply stop_run(Scope& scope, const Request& request, const Matched& matched);
Reply resume_run(Scope& scope, const Request& request, const Matched& matched);
Reply list_trainings(Scope& scope, const Request& request, const Matched& matched);

}  // namespace grok::serve
