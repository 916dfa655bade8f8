"""The screens: what a person sees and touches. Qt lives here and nowhere else."""
