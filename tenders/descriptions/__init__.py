"""The data set as catalogues and programs describe data: DCAT, data packages (Frictionless), Croissant, llms.txt."""
