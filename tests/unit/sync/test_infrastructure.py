"""What `sam deploy` depends on."""

from pathlib import Path

from shorts.model import Application
from shorts.sync import infrastructure


def application(folder: Path, text: str) -> Application:
    build_dir = folder / ".aws-sam" / "build"
    build_dir.mkdir(parents=True, exist_ok=True)
    return Application(
        template=str(folder / "template.yaml"),
        build_dir=str(build_dir),
        manifest=None,
        functions=[],
        templates={"template.yaml": text},
        notes=[],
    )


def test_files_that_a_template_names(tmp_path: Path) -> None:
    """Documents and folders outside the build folder are; zips, and folders around it, are not."""
    folder = tmp_path.resolve()
    (folder / "layer/inner").mkdir(parents=True)
    for name in ("api.yaml", "layer/inner/a.py", "step one.json", "unnamed.yaml"):
        (folder / name).touch()
    text = """\
Resources:
  Api:
    Properties:
      DefinitionUri: ../../api.yaml
      Name: F.zip
      Code: ../..
      Items:
      - ../../step one.json
      - '../../layer'
      - LONG
      - ../../absent.yaml
""".replace("LONG", "x" * 5000)
    app = application(folder, text)
    (folder / ".aws-sam/build/F.zip").touch()
    found = [str(path.relative_to(folder)) for path in infrastructure.named(app)]
    assert found == ["api.yaml", "layer/inner/a.py", "step one.json"]
