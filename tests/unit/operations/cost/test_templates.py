from pathlib import Path

import pytest

from operations.cost.templates import read_templates
from operations.errors import OptionError

ROOT = """
Parameters:
  Buckets: {Type: Number, Default: 8}
Resources: {}
"""
NESTED = """
Parameters:
  Buckets: {Type: Number, Default: 0}
  Years: {Type: String, Default: "2"}
  Arn: {Type: String}
Mappings:
  Days:
    "2": {Bronze: 737}
Resources:
  Thing:
    Type: AWS::Some::Thing
    Properties:
      Ref: !Ref Buckets
      Sub: !Sub "if ${Buckets} > 0 then !{kept}"
      Map: !FindInMap [Days, !Ref Years, Bronze]
      Unknown: !Sub ${Arn}/*
      Many: [!Ref Buckets, !GetAtt Other.Arn]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/template.yaml").write_text(ROOT)
    (tmp_path / "infra/nested.yaml").write_text(NESTED)
    return tmp_path


def test_a_parameter_is_the_root_templates_default(root: Path) -> None:
    thing = read_templates(root).properties("Thing")
    assert (thing["Ref"], thing["Sub"]) == ("8", "if 8 > 0 then !{kept}")


def test_a_parameter_that_was_deployed_otherwise_counts_as_deployed(root: Path) -> None:
    assert read_templates(root, {"Buckets": "32"}).properties("Thing")["Ref"] == "32"


def test_a_mapping_is_looked_up(root: Path) -> None:
    assert read_templates(root).properties("Thing")["Map"] == 737


def test_what_depends_on_something_unknown_stays_as_it_is(root: Path) -> None:
    thing = read_templates(root).properties("Thing")
    assert thing["Unknown"] == {"Sub": "${Arn}/*"}
    assert thing["Many"] == ["8", {"GetAtt": "Other.Arn"}]


def test_resources_are_found_by_type_and_by_logical_id(root: Path) -> None:
    templates = read_templates(root)
    assert [logical_id for logical_id, _ in templates.of_type("AWS::Some::Thing")] == ["Thing"]
    with pytest.raises(OptionError, match="no template of infra/ has the resource Nobody"):
        templates.properties("Nobody")


def test_a_folder_without_templates_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="in a checkout of the repository"):
        read_templates(tmp_path)
