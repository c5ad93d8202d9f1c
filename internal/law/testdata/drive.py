"""Lets the tests put many questions to check.py in one process: drive.py DATA faults|ask < JSON > JSON."""
import json, pathlib, sys, tempfile, tomllib

here = pathlib.Path(__file__).resolve().parent
data = pathlib.Path(sys.argv[1]).resolve()
source = (here / "check.py").read_text(encoding="utf-8").rsplit("\nmain()", 1)[0]


class Cached:
    """tomllib that reads each file of the catalogue once; check.py changes no row."""

    seen = {}

    @classmethod
    def load(cls, f):
        if f.name not in cls.seen:
            cls.seen[f.name] = tomllib.load(f)
        return cls.seen[f.name]


def fresh(extra):
    ns = {"__file__": str(here / "check.py"), "__name__": "check"}
    exec(compile(source, "check.py", "exec"), ns)

    class Folder:
        def glob(self, pattern):
            return sorted(data.glob(pattern)) + extra

    ns["HERE"], ns["tomllib"], ns["sorted"] = Folder(), Cached, lambda x: list(x) if isinstance(x, list) and x and isinstance(x[0], pathlib.Path) else sorted(x)
    return ns


asked = json.load(sys.stdin)
if sys.argv[2] == "faults":
    out = []
    with tempfile.TemporaryDirectory() as tmp:
        for n, text in enumerate(asked):
            path = pathlib.Path(tmp) / str(n) / "zz.toml"
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
            ns = fresh([path])
            try:
                ns["check"](*ns["load"]())
                out.append(ns["faults"])
            except Exception as e:  # check.py stumbles over some faults instead of naming them
                out.append([f"!{type(e).__name__}"])
else:
    ns = fresh([])
    acts, duties, steps, flags = ns["load"]()
    own = {s: [d for d in duties.values() if s in ns["steps_of"](d)] for s in steps}
    out = [
        [d["id"] for d in ns["lookup"](own[q["step"]], flags, ns["DATE"].fromisoformat(q["day"]), q["kind"], q["flags"], q["size"])]
        for q in asked
    ]
json.dump(out, sys.stdout)
