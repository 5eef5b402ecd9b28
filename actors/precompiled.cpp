// Has no code: its target makes the precompiled header of the programs.
