"""Files between an institution and the platform: their layouts, reading, writing, and how they travel.

A file is a ZIP that holds one TXT: UTF-8, a row a line, columns separated by TAB, no header, the word ``null`` for a
value that is not there. What its columns are is declared in :mod:`.layouts`, as the specification prints it.

    from liangding.transfer.exchange import download_file
    from liangding.files.layouts import layout_of
    from liangding.files.reading import open_text

    answer = runtime.call("1301", {"data": {"ver": "0"}})
    held = download_file(runtime, answer.output.file_qury_no, answer.output.filename, folder / "1301.zip")
    with open_text(held.path, layout_of("1301")) as drugs:
        for drug in drugs:
            store(drug["med_list_codg"], drug["drug_prodname"])
        drugs.check(answer.output.data_cnt)

The modules that read and write stand on the declarations only; :mod:`.exchange` works with a runtime.
"""
