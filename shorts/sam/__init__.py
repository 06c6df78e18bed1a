"""The template, read by samcli: the only package that imports samcli, samtranslator or click."""
