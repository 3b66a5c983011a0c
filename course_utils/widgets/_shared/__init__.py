"""What two explorers use: the view, the numbers, and a latent space with its codes and pad."""
