"""A stand-in for the cloud: a moto server that applies AWS's own SAM transform.

    python -m tests.e2e.cloud PORT

moto knows CloudFormation and no `AWS::Serverless`, so the template of each change set passes
through `samtranslator`, which is what AWS runs, before moto sees it. `resources` adds what moto
lacks of the outcome. Functions are kept and not run.
"""
