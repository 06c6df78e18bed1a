"""The template, read by samcli: the only package that imports samcli, samtranslator or click.

samcli has no public API, so a release may change any of this. These are its private names that are
used here:

| name | module | what for |
|---|---|---|
| `BuildContext._is_sam_template` | `template` | refuse ids that implicit APIs take, as SAM does |
| `BuildContext._stacks` | `template` | hand on what SAM's pre-processing has changed |
| `BuildContext._handle_build_pre_processing` | `template` | SAM's own preparation of a build |
| `BuildContext._handle_build_post_processing` | `template` | write the built templates |
| `BuildContext._output` | `options` | ask for the report that `--output json` prints |
| `BuildContext._print_build_success` | `options` | print that report |
| `ApplicationBuilder._get_build_options` | `convert` | resolve `ParentPackageMode` |
| `EnvironmentVariables._stringify_value` | `convert` | turn a variable into text as SAM does |
| `Authorizer._identity_sources_raw` | `apis` | read an authorizer's identity sources as written |
| `ApiCollector._link_authorizers` | `apis` | link the routes of an OpenAPI document to them |
| `SamBaseProvider._get_parameter_values` | `conditions` | resolve what conditions depend on |
"""
