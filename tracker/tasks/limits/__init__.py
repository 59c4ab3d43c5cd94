"""The limits of the stages of a task: 受理, 派遣, 处置, 核查, as rules that a district edits."""
