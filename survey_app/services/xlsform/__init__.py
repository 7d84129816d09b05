"""XLSForm, the workbook that ODK, Kobo and others read: our definitions written as one, and foreign ones read strictly.

A file comes in through `workbook` (rows of text, nothing run), `reading` makes a definition of it and says by row what
was left out or refused, `pyxform_check` asks the tool of that community whether the rows are an XLSForm at all.
"""
