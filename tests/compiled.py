"""Control libraries written in C and compiled in the test: well-behaved ones, and every kind of bad one."""

from __future__ import annotations

import functools
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

CONTROL = r"""
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

/* Sichuan's control, as far as its functions are public. It counts what it is asked, and writes down for what. */
static int begun = 0, readings = 0;

static void note(const char *what) {
    FILE *log = fopen("control.log", "a");
    if (log) { fprintf(log, "%s\n", what); fclose(log); }
}

int yh_CHS_init(int *appcode, char *msg) {
    begun = 1; *appcode = 1; strcpy(msg, "ok"); note("init");
    return 0;
}

static void between(const char *text, const char *key, char *out) {
    const char *at = strstr(text, key);
    out[0] = 0;
    if (!at) return;
    at = strchr(at + strlen(key), ':');
    while (*at == ':' || *at == ' ' || *at == '"') at++;
    while (*at && *at != '"') *out++ = *at++;
    *out = 0;
}

int yh_CHS_call(const char *infno, const char *input, char *output) {
    char tran[32], line[96], person[4096] = "";
    FILE *file = fopen("person.json", "rb");
    if (!begun) { strcpy(output, "{\"code\":\"-1\",\"message\":\"not initialised\"}"); return 0; }
    if (!file) { strcpy(output, "{\"code\":\"0\",\"message\":\"\xce\xde\xbf\xa8\"}"); return 0; }  /* GBK: no card */
    person[fread(person, 1, sizeof person - 1, file)] = 0;
    fclose(file);
    between(input, "tran_no", tran);
    if (strcmp(tran, infno)) { strcpy(output, "{\"code\":\"0\",\"message\":\"tran_no\"}"); return 0; }
    readings++;
    sprintf(output, "{\"code\":\"1\",\"data\":{%s,\"card_token\":\"tok-%d-%s\"}}", person, readings, infno);
    sprintf(line, "call %s tok-%d-%s", infno, readings, infno);
    note(line);
    return 0;
}

void yh_CHS_destroy(void) { begun = 0; note("destroy"); }
"""

BAD = r"""
#include <string.h>
#include <stdlib.h>
#include <unistd.h>
#include <stdint.h>

static int inside = 0;

int well(int type, char *out) { memcpy(out, "441900|", 8); return 0; }
int slow(int type, char *out) { sleep(60); return 0; }
int crashing(int type, char *out) { *(volatile int *)0 = 1; return 0; }
int leaving(int type, char *out) { _exit(3); }
int beyond(int type, char *out) { memset(out, 'x', 80); out[79] = 0; return 0; }
int far_beyond(int type, char *out) { memset(out, 'x', 1 << 24); return 0; }
int one_more(int type, char *dev, char *out) { strcpy(out, "441900|"); return 0; }
int told(int type, char *out, char *more) { strcpy(out, more ? "something|" : "nothing|"); return 0; }
int garbage(int type, char *out) { memset(out, 0xff, 63); out[63] = 0; return 0; }
int refusing(int type, char *out) { strcpy(out, "card 441900199003079015"); return -52; }
__attribute__((ms_abi)) int foreign(int64_t type, char *out) { strcpy(out, "441900|"); return 0; }
int alone(int type, char *out) {
    if (inside++) { strcpy(out, "two at once|"); return 0; }
    usleep(20000);
    inside--;
    strcpy(out, "alone|");
    return 0;
}
"""


@functools.cache
def compiled(source: str) -> Path:
    """A library of that C source; skipped where there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("control libraries: no C compiler (apt-get install gcc libc6-dev)")
    folder = Path(tempfile.mkdtemp(prefix="liangding-library-"))
    path, code = folder / "library.so", folder / f"{hashlib.sha256(source.encode()).hexdigest()[:8]}.c"
    code.write_text(source, "utf-8")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-w", "-o", path, code], check=True)
    return path
